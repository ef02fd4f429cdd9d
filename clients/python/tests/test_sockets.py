"""The WebSocket guard of redis_session_client.fastapi, over real connections."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest
import redis
from support import shop
from support.servers import LIMIT, Group, Process
from support.web import client, post, served, socket_to
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.connection import Connection

from redis_session_client import Ids, Sessions
from redis_session_client.fastapi import HeaderFrontend, SessionManager


@pytest.fixture
def browser(site: str) -> Iterator[httpx.Client]:
    """A browser in which Ada is logged in."""
    with client(site) as browser:
        browser.post("/login", params={"user": "ada"})
        yield browser


def opened(site: str, cookie: str | None, origin: str | None = "") -> ClientConnection:
    headers = {} if cookie is None else {"Cookie": f"session={cookie}"}
    return socket_to(site, "/ws", headers, origin)


def closing_code(socket: Connection) -> int | None:
    """Reads until the server closes the socket, and returns its code."""
    try:
        while True:
            socket.recv(timeout=LIMIT)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_socket_with_a_live_session_is_served(site: str, browser: httpx.Client) -> None:
    with opened(site, browser.cookies["session"]) as socket:
        assert json.loads(socket.recv()) == {"user": "ada"}
        socket.send("hello")
        assert socket.recv() == "hello"
        assert socket.response is not None
        assert "set-cookie" not in socket.response.headers


@pytest.mark.parametrize("cookie", [None, "A" * 43, "nonsense"])
def test_a_handshake_without_a_live_session_is_refused(site: str, cookie: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(site, cookie)
    assert refused.value.response.status_code == 403
    assert "set-cookie" not in refused.value.response.headers


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "https://evil.test", None, "null", "http://127.0.0.1:1"]
)
def test_a_handshake_from_another_origin_is_refused(
    site: str, browser: httpx.Client, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(site, browser.cookies["session"], origin)
    assert refused.value.response.status_code == 403


def test_an_origin_on_the_list_may_connect(site: str, browser: httpx.Client) -> None:
    with opened(site, browser.cookies["session"], "http://friend.test") as socket:
        assert json.loads(socket.recv()) == {"user": "ada"}


def test_a_token_in_a_header_needs_no_origin(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, frontends=[HeaderFrontend()])
    with served(shop.make(manager)) as site:
        token = post(f"{site}/login", params={"user": "ada"}).json()["ticket"]
        with socket_to(site, "/ws", {"Authorization": f"Bearer {token}"}, None) as socket:
            assert json.loads(socket.recv()) == {"user": "ada"}


def test_a_logout_closes_the_socket_with_1008(site: str, browser: httpx.Client) -> None:
    with opened(site, browser.cookies["session"]) as socket:
        socket.recv()
        browser.post("/logout")
        assert closing_code(socket) == 1008


def test_a_revocation_closes_the_socket_with_1008(
    site: str, browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    with opened(site, browser.cookies["session"]) as socket:
        socket.recv()
        raw.execute_command("SESSION.REVOKE", f"{prefix}ada")
        assert closing_code(socket) == 1008


def test_a_session_that_no_longer_passes_closes_the_socket(
    site: str, browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    key = Ids(prefix).key(browser.cookies["session"])
    with opened(site, browser.cookies["session"]) as socket:
        socket.recv()
        # The schema now refuses everything, as a changed schema could.
        info = Sessions(raw).info(key or "")
        schema = info and info.schema
        text = raw.execute_command("SESSION.SCHEMA", "GET", schema)
        raw.execute_command("SESSION.SCHEMA", "SET", schema, "false", "ASSERTFORMAT")
        try:
            assert closing_code(socket) == 1008
        finally:
            raw.execute_command("SESSION.SCHEMA", "SET", schema, text, "ASSERTFORMAT")


def test_a_socket_that_is_only_open_keeps_no_session_alive(
    site: str, browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    key = Ids(prefix).key(browser.cookies["session"])
    with opened(site, browser.cookies["session"]) as socket:
        socket.recv()
        # The guard verifies it every 100 ms, which must not count as an access.
        raw.execute_command("SESSION.TOUCH", key, "PIDLE", 500)
        assert closing_code(socket) == 1008
    assert browser.get("/read").status_code == 401


def test_a_server_that_cannot_be_asked_closes_the_socket_with_1011(prefix: str) -> None:
    with Group() as group:
        own = group.start()
        manager = SessionManager(own.url, prefix=prefix, insecure=True)
        with served(shop.make(manager)) as site:
            cookie = post(f"{site}/login", params={"user": "ada"}).cookies["session"]
            with opened(site, cookie) as socket:
                socket.recv()
                own.kill()
                assert closing_code(socket) == 1011


def test_a_refused_handshake_is_no_access(
    site: str, browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    key = Ids(prefix).key(browser.cookies["session"])
    Sessions(raw).touch(key or "", idle=3600)
    before = Sessions(raw).info(key or "")
    time.sleep(1.1)  # the server records at most one access in a second
    with pytest.raises(InvalidStatus):
        opened(site, browser.cookies["session"], "http://evil.test")
    after = Sessions(raw).info(key or "")
    assert before is not None
    assert after is not None
    assert after.accessed == before.accessed


def test_a_client_that_leaves_ends_the_watch(site: str, browser: httpx.Client) -> None:
    for _ in range(3):
        with opened(site, browser.cookies["session"]) as socket:
            socket.recv()
    assert browser.get("/read").status_code == 200
