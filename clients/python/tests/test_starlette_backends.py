"""The middleware on other backends: a cluster, the application's own client, and memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import starlette_app
from starlette.requests import HTTPConnection
from support import web
from support.servers import Process

from redis_session_client.starlette import MemoryBackend, RedisBackend, visit_of


def walk(url: str) -> None:
    """A visit that makes, changes, rotates and ends a session."""
    with web.client(url) as browser:
        browser.post("/write", json={"set": {"cart": {"a": 1}, "none": None}})
        first = browser.cookies["session"]
        browser.post("/write", json={"code": "s['cart']['b'] = 2; del s['none']"})
        browser.post("/write", json={"set": {"user": "ada"}, "code": "del s['cart']['a']"})
        assert browser.cookies["session"] != first
        assert browser.get("/read").json() == {"cart": {"b": 2}, "user": "ada"}
        assert browser.get("/about").json() == {"user": "ada", "live": True}
        assert len(browser.get("/devices").json()) == 1
        browser.post("/write", json={"set": {"user": "bob"}})
        assert browser.get("/read").json() == {"user": "bob"}
        browser.post("/write", json={"clear": True})
        assert "session" not in browser.cookies
        assert browser.get("/read").json() == {}


def test_in_a_cluster(cluster: list[Process], prefix: str) -> None:
    client = cluster[0].async_cluster_client()
    backend = RedisBackend(client, prefix=prefix)
    app = starlette_app.make(backend, close=client.aclose, user="user", insecure=True)
    with web.served(app) as url:
        walk(url)
        reply = web.post(url + "/write", json={"set": {"n": 1}})
        assert re.fullmatch(r"[0-9a-f]{4}\.[\w-]{43}", reply.cookies["session"])


def test_on_a_client_of_the_applications_own(server: Process, prefix: str) -> None:
    client = server.async_client()
    app = starlette_app.make(client, close=client.aclose, prefix=prefix, user="user", insecure=True)
    with web.served(app) as url:
        walk(url)


def test_in_memory() -> None:
    with web.served(starlette_app.make(MemoryBackend(), user="user", insecure=True)) as url:
        walk(url)


async def test_looks_are_noticed_where_starlette_does_not_tell_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As in its earlier versions.
    monkeypatch.setattr(HTTPConnection, "session", property(lambda self: self.scope["session"]))
    app = starlette_app.make(MemoryBackend(), insecure=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        assert (await browser.get("/read")).headers["vary"] == "Cookie"
        assert "vary" not in (await browser.get("/public")).headers


def test_the_program_of_the_documentation(server: Process) -> None:
    text = (Path(__file__).parents[1] / "docs" / "starlette.md").read_text()
    program = text.partition("```python\n")[2].partition("```")[0]
    assert "redis://localhost:6379/0" in program
    names: dict[str, Any] = {}
    exec(program.replace("redis://localhost:6379/0", server.url), names)  # noqa: S102
    with web.served(names["app"]) as url, web.client(url) as browser:
        assert [browser.get("/").json()["visits"] for _ in range(3)] == [1, 2, 3]
        before = browser.cookies["session"]
        browser.post("/login/ada")
        assert browser.cookies["session"] != before
        assert browser.get("/").json() == {"visits": 4, "user": "ada"}
        browser.post("/logout")
        assert browser.get("/").json() == {"visits": 1}


def test_an_application_that_is_not_wrapped_is_told_so() -> None:
    with pytest.raises(RuntimeError, match="SessionMiddleware"):
        visit_of(HTTPConnection({"type": "http"}))
