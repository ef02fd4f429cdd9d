"""The Starlette middleware with WebSockets, over real connections."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.commands import INFO
from support.servers import LIMIT, eventually
from support.starlette_site import Maker, Site
from support.web import socket_to
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from redis_session_client.starlette import CookieFrontend, CookiePolicy, HeaderFrontend


@pytest.fixture(scope="module")
def starlette_options() -> dict[str, Any]:
    return {"check_every": 0.1, "origins": ["http://friend.test"]}


@pytest.fixture
def site(shared_starlette: Site, prefix: str) -> Site:
    return shared_starlette


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    """A browser with a session."""
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        yield browser


def opened(site: Site, headers: dict[str, str], origin: str | None = "") -> ClientConnection:
    return socket_to(site.url, "/socket", headers, origin)


def cookie(browser: httpx.Client) -> dict[str, str]:
    return {"Cookie": f"session={browser.cookies['session']}"}


def test_the_session_can_be_read_and_no_cookie_is_set(site: Site, browser: httpx.Client) -> None:
    with opened(site, cookie(browser)) as socket:
        assert json.loads(socket.recv()) == {"n": 1}
        socket.send("hello")
        assert socket.recv() == "hello"
        assert socket.response is not None
        assert "set-cookie" not in socket.response.headers


def test_what_the_route_changed_is_saved_when_it_returns(site: Site, browser: httpx.Client) -> None:
    with opened(site, cookie(browser)) as socket:
        socket.recv()
        socket.send("hello")
        socket.recv()
        assert site.data(browser) == {"n": 1}
    eventually("what the route changed", lambda: site.data(browser) == {"n": 1, "heard": "hello"})


def test_without_a_session_it_is_empty_and_stays_open(site: Site) -> None:
    with opened(site, {}) as socket:
        assert json.loads(socket.recv()) == {}
        socket.send("hello")
        assert socket.recv() == "hello"
    assert site.live_keys() == []


@pytest.mark.parametrize("origin", ["http://evil.test", "null", None])
def test_a_page_of_another_origin_gets_no_session(
    site: Site, browser: httpx.Client, origin: str | None
) -> None:
    with opened(site, cookie(browser), origin) as socket:
        assert json.loads(socket.recv()) == {}


def test_a_page_of_another_origin_is_no_access(site: Site, browser: httpx.Client) -> None:
    site.sessions.touch(site.key(browser), idle=3600)
    before = site.info(browser)
    time.sleep(1.1)  # the server records at most one access in a second
    with opened(site, cookie(browser), "http://evil.test") as socket:
        assert json.loads(socket.recv()) == {}
    assert site.info(browser).accessed == before.accessed


def test_a_friendly_origin_gets_it(site: Site, browser: httpx.Client) -> None:
    with opened(site, cookie(browser), "http://friend.test") as socket:
        assert json.loads(socket.recv()) == {"n": 1}


def test_a_ticket_that_no_browser_sends_by_itself_needs_no_origin(make: Maker) -> None:
    site = make(frontends=[HeaderFrontend()])
    made = site.sessions.create(f"{site.prefix}*", {"n": 1})
    with opened(site, {"Authorization": f"Bearer {made.token}"}, None) as socket:
        assert json.loads(socket.recv()) == {"n": 1}


def test_it_is_closed_with_1008_when_the_session_ends(site: Site, browser: httpx.Client) -> None:
    with opened(site, cookie(browser)) as socket:
        socket.recv()
        browser.post("/write", json={"clear": True})
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=LIMIT)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


def test_looking_whether_it_is_live_is_no_access(site: Site, browser: httpx.Client) -> None:
    with opened(site, cookie(browser)) as socket:
        socket.recv()
        with site.raw.monitor() as monitor:
            texts = (command["command"] for command in monitor.listen())
            look = next(text for text in texts if text.startswith("SESSION."))
    assert re.fullmatch(rf"SESSION.VERIFY \S+ NOTOUCH {INFO}", look)


def test_two_tickets_that_disagree_are_refused(make: Maker) -> None:
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    site = make(frontends=frontends)
    with pytest.raises(InvalidStatus) as refused:
        opened(site, {"Cookie": "session=" + "A" * 43, "X-Session": "B" * 42 + "A"})
    assert refused.value.response.status_code == 403
