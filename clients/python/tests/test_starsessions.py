"""starsessions with this package as its store: the store interface, and starsessions' own tests."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import httpx
import pytest
import redis
import redis.asyncio
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starsessions import SessionMiddleware, SessionStore, load_session
from starsessions.session import (
    get_session_metadata,
    get_session_remaining_seconds,
    regenerate_session_id,
)
from support.commands import keys
from support.servers import Process
from support.web import async_client, client, served

from redis_session_client import NoSession, Raw, Sessions
from redis_session_client.web import RedisBackend

_loaded: ContextVar[str | None] = ContextVar("_loaded", default=None)


class Store(SessionStore):
    """Uses our tickets as IDs. An ID that a browser or starsessions made up becomes no session."""

    def __init__(self, backend: RedisBackend, gc_ttl: int = 3600) -> None:
        self.backend = backend
        self._gc_ttl = gc_ttl

    async def read(self, session_id: str, lifetime: int) -> bytes:
        found = await self.backend.verify(session_id)
        _loaded.set(session_id if found else None)
        return found.text.encode() if found else b""

    async def write(self, session_id: str, data: bytes, lifetime: int, ttl: int) -> str:
        expiry = max(1, ttl) if lifetime else self._gc_ttl
        loaded = _loaded.get()
        if loaded is None:
            return await self.backend.create(Raw(data), ex=expiry)
        try:
            if session_id != loaded:  # regenerate_session_id was called
                loaded = await self.backend.rotate(loaded)
            await self.backend.set(loaded, Raw(data), ex=expiry)
        except NoSession:
            pass  # the session has ended during the request, and stays ended
        return loaded

    async def remove(self, session_id: str) -> None:
        await self.backend.end(session_id)


class Application:
    """One route for each use of a session."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.waits = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope, receive)
        path = scope["path"]
        if path not in ("/unloaded", "/waiting", "/release"):
            await load_session(connection)
            session = connection.session
        answer: Any = None
        if path == "/read":
            answer = dict(session)
        elif path == "/write":
            session["key"] = connection.query_params["value"]
        elif path == "/slow":
            self.waits = True
            await self.released.wait()
            session["key"] = "slow"
        elif path == "/waiting":
            answer = self.waits
        elif path == "/release":
            self.released.set()
        elif path == "/clear":
            session.clear()
        elif path == "/regenerate":
            regenerate_session_id(connection)
        elif path == "/metadata":
            answer = dict(get_session_metadata(connection))
            answer["remaining"] = get_session_remaining_seconds(connection)
        response: Response = JSONResponse(answer)
        await response(scope, receive, send)


class Site:
    """The application behind starsessions' middleware, with the given options."""

    def __init__(self, server: Process, prefix: str, **options: Any) -> None:
        client = server.async_client()
        store = Store(RedisBackend(client, prefix=prefix))
        options = {"cookie_https_only": False, "lifetime": 100, **options}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await client.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await middleware(scope, receive, send)

        middleware = SessionMiddleware(Application(), store=store, **options)
        self.app = app


@pytest.fixture(scope="module")
def shared_site(server: Process, site_prefix: str) -> Iterator[str]:
    with served(Site(server, site_prefix).app) as url:
        yield url


@pytest.fixture
def browser(shared_site: str, prefix: str) -> Iterator[httpx.Client]:
    with client(shared_site) as browser:
        yield browser


@pytest.fixture
async def store(server: Process, prefix: str) -> AsyncIterator[Store]:
    _loaded.set(None)
    client = server.async_client()
    yield Store(RedisBackend(client, prefix=prefix))
    await client.aclose()


def lifetime_of(raw: redis.Redis, prefix: str) -> int:
    """Milliseconds from the creation of the only session to its deadline."""
    (key,) = keys(raw, prefix)
    info = Sessions(raw).info(key)
    assert info is not None
    assert info.deadline is not None
    return info.deadline - info.created


# The store.


async def test_reads_what_was_written(store: Store) -> None:
    ticket = await store.write("session_id", b'{"n":1}', lifetime=60, ttl=60)
    assert await store.read(ticket, lifetime=60) == b'{"n":1}'
    assert await store.write(ticket, b'{"n":2}', lifetime=60, ttl=60) == ticket
    assert await store.read(ticket, lifetime=60) == b'{"n":2}'


async def test_an_unknown_session_reads_as_empty(store: Store) -> None:
    assert await store.read("unknown_session_id", lifetime=60) == b""


async def test_removes(store: Store) -> None:
    ticket = await store.write("session_id", b"{}", lifetime=60, ttl=60)
    await store.remove(ticket)
    await store.remove(ticket)
    assert await store.read(ticket, lifetime=60) == b""


async def test_keys_have_the_prefix_and_the_ttl(
    store: Store, raw: redis.Redis, prefix: str
) -> None:
    await store.write("session_id", b"{}", lifetime=60, ttl=60)
    assert lifetime_of(raw, prefix) == 60_000


async def test_a_session_only_cookie_has_the_stores_ttl(
    store: Store, raw: redis.Redis, prefix: str
) -> None:
    await store.write("session_id", b"{}", lifetime=0, ttl=0)
    assert lifetime_of(raw, prefix) == 3_600_000


# The middleware.


def test_an_empty_session_is_loaded_and_sends_no_cookie(browser: httpx.Client) -> None:
    reply = browser.get("/read")
    assert reply.json() == {}
    assert "set-cookie" not in reply.headers


def test_a_cookie_of_no_session_is_an_empty_session(browser: httpx.Client) -> None:
    browser.cookies.set("session", "session_id")
    assert browser.get("/read").json() == {}


def test_a_new_session_is_there_in_the_next_request(browser: httpx.Client) -> None:
    reply = browser.get("/write", params={"value": "a"})
    assert "session=" in reply.headers["set-cookie"]
    assert "max-age=" in reply.headers["set-cookie"]
    assert browser.get("/read").json() == {"key": "a"}
    browser.get("/write", params={"value": "b"})
    assert browser.get("/read").json() == {"key": "b"}


def test_an_emptied_session_is_removed_with_its_cookie(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.get("/write", params={"value": "a"})
    reply = browser.get("/clear")
    assert "01 Jan 1970 00:00:00 GMT" in reply.headers["set-cookie"]
    assert keys(raw, prefix) == []


def test_clearing_an_empty_session_sends_no_cookie(browser: httpx.Client) -> None:
    assert "set-cookie" not in browser.get("/clear").headers


def test_a_session_that_is_not_loaded_is_left_alone(browser: httpx.Client) -> None:
    browser.get("/write", params={"value": "a"})
    assert "set-cookie" not in browser.get("/unloaded").headers
    assert browser.get("/read").json() == {"key": "a"}


def test_a_regenerated_id_replaces_the_old_one(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.get("/write", params={"value": "a"})
    old = browser.cookies["session"]
    browser.get("/regenerate")
    assert browser.cookies["session"] != old
    assert browser.get("/read").json() == {"key": "a"}
    assert len(keys(raw, prefix)) == 1


def test_metadata_is_kept(browser: httpx.Client) -> None:
    browser.get("/write", params={"value": "a"})
    first, second = browser.get("/metadata").json(), browser.get("/metadata").json()
    assert first["created"] == second["created"]
    assert second["last_access"] > first["last_access"]
    assert second["lifetime"] == 100


@pytest.mark.parametrize("rolling", [True, False])
def test_only_a_rolling_session_has_its_life_extended(
    server: Process, raw: redis.Redis, prefix: str, rolling: bool
) -> None:
    sessions = Sessions(raw)
    site = Site(server, prefix, rolling=rolling, lifetime=10_000)
    with served(site.app) as url, client(url) as browser:
        began = time.time()
        browser.get("/write", params={"value": "a"})
        (key,) = keys(raw, prefix)
        # As if 4,000 of the 10,000 seconds had passed.
        found = sessions.get(key)
        assert found is not None
        data = found.data
        data["__metadata__"]["created"] -= 4_000
        sessions.set(key, data, ex=6_000)
        reply = browser.get("/write", params={"value": "b"})
        took = time.time() - began
        info = sessions.info(key)
        assert info is not None
        assert info.deadline is not None
        left = round((info.deadline - info.accessed) / 1000)
        whole = 10_000 if rolling else 6_000
        # starsessions counts in whole seconds, and this test takes time itself.
        assert whole - took - 2 <= left <= whole
        assert f"max-age={left}" in reply.headers["set-cookie"]


# What the module adds.


def test_a_planted_cookie_becomes_no_session(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.cookies.set("session", "planted")
    reply = browser.get("/write", params={"value": "a"})
    assert "session=planted" not in reply.headers["set-cookie"]
    assert len(keys(raw, prefix)) == 1


async def test_a_logout_during_a_slow_request_is_not_undone(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    # An application of its own, whose gate is closed.
    with served(Site(server, prefix).app) as url:
        await log_out_during_a_slow_request(url)
    assert keys(raw, prefix) == []


async def log_out_during_a_slow_request(url: str) -> None:
    async with async_client(url) as other:
        await other.get("/write", params={"value": "a"})
        cookie = {"cookie": f"session={other.cookies['session']}"}
        other.cookies.clear()
        slow = asyncio.create_task(other.get("/slow", headers=cookie))
        while not (await other.get("/waiting")).json():
            assert not slow.done()
            await asyncio.sleep(0.01)
        await other.get("/clear", headers=cookie)
        await other.get("/release")
        await slow
        assert (await other.get("/read", headers=cookie)).json() == {}


def test_data_is_json(browser: httpx.Client, raw: redis.Redis, prefix: str) -> None:
    browser.get("/write", params={"value": "é"})
    (key,) = keys(raw, prefix)
    assert json.loads(raw.execute_command("SESSION.GET", key))["key"] == "é"
