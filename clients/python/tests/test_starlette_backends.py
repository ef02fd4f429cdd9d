"""The middleware on other backends: a cluster, a client that is there, and memory."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
import redis.asyncio
import starlette_app
from starlette.requests import HTTPConnection
from support.servers import Process
from support.web import served

from redis_session.starlette import MemoryBackend, RedisBackend, visit_of


def walk(url: str) -> None:
    """A visit that makes, changes, rotates and ends a session."""
    with httpx.Client(base_url=url, timeout=60) as browser:
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
    client: Any = redis.asyncio.RedisCluster(port=cluster[0].port, host="127.0.0.1")
    backend = RedisBackend(client, prefix=prefix)
    with served(starlette_app.make(backend, user="user", insecure=True)) as url:
        walk(url)
        reply = httpx.post(url + "/write", json={"set": {"n": 1}})
        assert re.fullmatch(r"[0-9a-f]{4}\.[\w-]{43}", reply.cookies["session"])


def test_on_a_client_of_the_applications_own(server: Process, prefix: str) -> None:
    client: Any = redis.asyncio.Redis(port=server.port)
    with served(starlette_app.make(client, prefix=prefix, user="user", insecure=True)) as url:
        walk(url)


def test_in_memory() -> None:
    with served(starlette_app.make(MemoryBackend(), user="user", insecure=True)) as url:
        walk(url)


def test_an_application_that_is_not_wrapped_is_told_so() -> None:
    with pytest.raises(RuntimeError, match="SessionMiddleware"):
        visit_of(HTTPConnection({"type": "http"}))
