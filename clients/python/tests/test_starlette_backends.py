"""The middleware on other backends: a cluster, the application's own client, and memory."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import redis
import starlette_app
from starlette.requests import HTTPConnection
from support import web
from support.commands import keys
from support.programs import programs, running
from support.servers import Process

from redis_session_client.starlette import (
    MemoryBackend,
    RedisBackend,
    SessionMiddleware,
    visit_of,
)

Browse = Callable[[str], httpx.Client]


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


PAGE = (Path(__file__).parents[1] / "docs" / "starlette.md").read_text()
ADDRESS = "redis://localhost:6379/0"


@pytest.fixture
def browse(server: Process, tmp_path: Path, raw: redis.Redis) -> Iterator[Browse]:
    """Runs the page's program that has this text, and gives a browser for it."""
    before = {*keys(raw, "session:")}
    with ExitStack() as stack:

        def start(text: str) -> httpx.Client:
            (program,) = (found for found in programs(PAGE) if text in found)
            assert ADDRESS in program
            (tmp_path / "app.py").write_text(program.replace(ADDRESS, server.url))
            return stack.enter_context(web.client(stack.enter_context(running(tmp_path))))

        yield start
    if made := {*keys(raw, "session:")} - before:
        raw.delete(*made)


def test_the_first_program_of_the_page(browse: Browse) -> None:
    browser = browse("/login/{name}")
    assert [browser.get("/").json()["visits"] for _ in range(3)] == [1, 2, 3]
    before = browser.cookies["session"]
    browser.post("/login/ada")
    assert browser.cookies["session"] != before
    assert browser.get("/").json() == {"visits": 4, "user": "ada"}
    browser.post("/logout")
    assert browser.get("/").json() == {"visits": 1}


def test_the_pages_program_with_typed_values(browse: Browse) -> None:
    browser = browse("Decimal")
    told = [browser.get("/").text for _ in range(2)]
    assert [text.partition(" since ")[0] for text in told] == ["1.10", "2.20"]


def test_the_pages_lazy_program(browse: Browse) -> None:
    browser = browse("lazy=True")
    assert [browser.get("/count").json() for _ in range(2)] == [1, 2]
    assert browser.get("/").json() == "2 visits"
    assert browser.get("/health").json() == "no command, and no wait"


def test_the_page_names_every_setting() -> None:
    table = PAGE.partition("## Settings")[2].partition("## Users")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)))
    assert {*named} == {*inspect.signature(SessionMiddleware).parameters} - {"app"}


def test_an_application_that_is_not_wrapped_is_told_so() -> None:
    with pytest.raises(RuntimeError, match="SessionMiddleware"):
        visit_of(HTTPConnection({"type": "http"}))
