"""The application of starlette_app.py on a port, browsers for it, and the server behind it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import redis
import starlette_app

from redis_session_client import Ids, Info, Sessions

from .commands import keys, watched
from .servers import Process, eventually
from .web import client, get, post, served


class Site:
    """A running application, and what a test can see of it and of its server."""

    def __init__(self, url: str, prefix: str, raw: redis.Redis) -> None:
        self.url = url
        self.prefix = prefix
        self.raw = raw
        self.sessions = Sessions(raw)

    def live_keys(self) -> list[str]:
        return keys(self.raw, self.prefix)

    def browser(self, ticket: str | None = None, **options: Any) -> httpx.Client:
        # uvicorn closes a connection after an error, so no request may reuse one.
        browser = client(self.url, headers={"Connection": "close"}, **options)
        if ticket is not None:
            browser.cookies.set("session", ticket, domain="127.0.0.1")
        return browser

    def key(self, browser: httpx.Client) -> str:
        key = Ids(self.prefix).key(browser.cookies["session"])
        assert key is not None
        return key

    def info(self, browser: httpx.Client) -> Info:
        found = self.sessions.info(self.key(browser))
        assert found is not None
        return found

    def data(self, browser: httpx.Client) -> Any:
        """The data in the server, read without the middleware and without an access."""
        found = self.sessions.get(self.key(browser), no_touch=True)
        return found and found.data

    @contextmanager
    def commands(self) -> Iterator[list[str]]:
        """The module's commands that the server receives meanwhile, without their data."""
        seen: list[str] = []
        with watched(self.raw) as commands:
            yield seen
        seen += [re.sub(rf"{self.prefix}\S+", "KEY", command) for command in commands]


class Stalled:
    """A request that has read its session and now waits for `release` to answer."""

    def __init__(self, browser: httpx.Client, body: dict[str, Any]) -> None:
        # Not the id of this object: an application that other tests have used may know it already.
        self._gate = {"gate": uuid.uuid4().hex}
        self._url = str(browser.base_url)
        self._pool = ThreadPoolExecutor(1)
        # A client of its own, so that the browser does not get the cookies of this response.
        self._own = client(self._url, cookies=dict(browser.cookies))
        self._reply: Future[httpx.Response] = self._pool.submit(
            self._own.post, "/slow", params=self._gate, json=body
        )
        eventually(
            "a request that waits",
            lambda: get(self._url + "/is_waiting", params=self._gate).json(),
        )

    def release(self) -> httpx.Response:
        post(self._url + "/open_gate", params=self._gate)
        reply = self._reply.result()
        self._own.close()
        self._pool.shutdown()
        return reply


class Maker:
    """Starts applications with the given options of the middleware, and stops them all."""

    def __init__(self, server: Process, prefix: str, raw: redis.Redis) -> None:
        self._server = server
        self._prefix = prefix
        self._raw = raw
        self._stack = ExitStack()

    def __call__(self, **options: Any) -> Site:
        prefix = self._prefix
        insecure = "frontends" not in options
        options = {"backend": self._server.url, "prefix": prefix, "insecure": insecure, **options}
        return Site(
            self._stack.enter_context(served(starlette_app.make(**options))), prefix, self._raw
        )

    def __enter__(self) -> Maker:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
