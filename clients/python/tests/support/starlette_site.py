"""The application of starlette_app.py on a port, browsers, and the server behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import redis
import starlette_app

from redis_session import Ids, Info, Sessions

from .servers import Process, eventually
from .web import served


class Site:
    """The application with a middleware of the options that a test asks for, and browsers."""

    def __init__(self, url: str, prefix: str, raw: redis.Redis) -> None:
        self.url = url
        self.prefix = prefix
        self.raw = raw
        self.sessions = Sessions(raw)

    def live_keys(self) -> list[str]:
        return sorted(self.raw.scan_iter(match=f"{self.prefix}*", count=1000))

    def browser(self, ticket: str | None = None, **options: Any) -> httpx.Client:
        # Uvicorn closes the connection after an error; a request must not come in between.
        client = httpx.Client(
            base_url=self.url, timeout=60, headers={"Connection": "close"}, **options
        )
        if ticket is not None:
            client.cookies.set("session", ticket, domain="127.0.0.1")
        return client

    def key(self, browser: httpx.Client) -> str:
        key = Ids(self.prefix).key(browser.cookies["session"])
        assert key is not None
        return key

    def info(self, browser: httpx.Client) -> Info:
        found = self.sessions.info(self.key(browser))
        assert found is not None
        return found

    def data(self, browser: httpx.Client) -> Any:
        """What the server has, past the middleware and without an access."""
        found = self.sessions.get(self.key(browser), no_touch=True)
        return found and found.data

    @contextmanager
    def commands(self) -> Iterator[list[str]]:
        """The commands of the module that the server gets meanwhile, without their data."""
        seen: list[str] = []
        with self.raw.monitor() as monitor:
            yield seen
            self.raw.execute_command("ECHO", "end")
            for command in monitor.listen():
                text = command["command"]
                if text.startswith("ECHO"):
                    break
                if text.startswith("SESSION."):
                    seen.append(re.sub(rf"{self.prefix}\S+", "KEY", text))


class Stalled:
    """A request whose session has been read, and whose response waits for `release`."""

    def __init__(self, browser: httpx.Client, body: dict[str, Any]) -> None:
        self._gate = {"gate": str(id(self))}
        self._url = str(browser.base_url)
        self._pool = ThreadPoolExecutor(1)
        # With its own cookies: what this response sets is not in the browser, unless asked for.
        self._own = httpx.Client(base_url=self._url, timeout=60, cookies=dict(browser.cookies))
        self._reply: Future[httpx.Response] = self._pool.submit(
            self._own.post, "/slow", params=self._gate, json=body
        )
        eventually(
            "a request that waits",
            lambda: httpx.get(self._url + "/is_waiting", params=self._gate).json(),
        )

    def release(self) -> httpx.Response:
        httpx.post(self._url + "/open_gate", params=self._gate)
        reply = self._reply.result()
        self._own.close()
        self._pool.shutdown()
        return reply


class Maker:
    """Starts sites, with the options given to the middleware, and stops them all."""

    def __init__(self, server: Process, prefix: str, raw: redis.Redis) -> None:
        self._server = server
        self._prefix = prefix
        self._raw = raw
        self._stack = ExitStack()

    def __call__(self, **options: Any) -> Site:
        prefix = self._prefix
        options = {"backend": self._server.url, "prefix": prefix, "insecure": True, **options}
        return Site(
            self._stack.enter_context(served(starlette_app.make(**options))), prefix, self._raw
        )

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
