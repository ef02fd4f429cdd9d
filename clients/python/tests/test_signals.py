"""Signals: listeners are told of logins, logouts, refusals and lost writes, and of nothing else."""

import logging
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
import starlette_app
from fastapi import Depends, FastAPI, Request
from support import shop
from support.servers import Process
from support.web import client, served, socket_to
from websockets.exceptions import InvalidStatus

from redis_session_client import Sessions, key_of_token
from redis_session_client.fastapi import MemoryBackend, SessionManager, signals
from redis_session_client.web.signals import Event, LoggedIn, LoggedOut, Lost, Refused, Signal

SIGNALS: list[Signal[Any]] = [
    signals.logged_in,
    signals.logged_out,
    signals.refused,
    signals.lost,
]


@pytest.fixture
def events() -> Iterator[list[Event]]:
    """The events of this test, in their order."""
    seen: list[Event] = []
    for signal in SIGNALS:
        signal.connect(seen.append)
    yield seen
    for signal in SIGNALS:
        signal.disconnect(seen.append)


@pytest.fixture
def manager(server: Process, prefix: str) -> SessionManager:
    return SessionManager(server.url, prefix=prefix, insecure=True)


@pytest.fixture
def browser(manager: SessionManager) -> Iterator[httpx.Client]:
    with served(shop.make(manager)) as url, client(url) as browser:
        yield browser


def test_a_login_and_a_logout_are_told(
    manager: SessionManager, browser: httpx.Client, events: list[Event]
) -> None:
    browser.post("/add", params={"item": 1})
    assert events == []
    browser.post("/login", params={"user": "ada"})
    browser.post("/logout")
    browser.post("/logout")
    assert events == [
        LoggedIn(user="ada", backend=manager.backend),
        LoggedOut(user="ada", how="logout", sessions=1, backend=manager.backend),
    ]
    assert [event.client for event in events] == ["127.0.0.1", "127.0.0.1"]


def test_a_logout_in_the_request_of_another_login_names_its_own_user(
    browser: httpx.Client, events: list[Event]
) -> None:
    browser.post("/login", params={"user": "ada"})
    browser.post("/change-user", params={"user": "eve"})
    told = [
        (type(event), event.user) for event in events if isinstance(event, LoggedIn | LoggedOut)
    ]
    assert told == [(LoggedIn, "ada"), (LoggedOut, "ada"), (LoggedIn, "eve")]


def test_ended_devices_are_told_with_their_number(
    browser: httpx.Client, events: list[Event]
) -> None:
    for _ in range(3):
        with httpx.Client(base_url=browser.base_url) as other:
            other.post("/login", params={"user": "ada"})
    browser.post("/login", params={"user": "ada"})
    handle = browser.get("/devices").json()["devices"][1]["handle"]
    browser.post("/devices/end", params={"handle": handle})
    browser.post("/devices/end", params={"handle": handle})
    browser.post("/devices/end-others")
    browser.post("/devices/end-others")
    browser.post("/devices/end-everywhere")
    told = [(event.how, event.sessions) for event in events if isinstance(event, LoggedOut)]
    assert told == [("device", 1), ("others", 2), ("everywhere", 1)]


def test_a_refusal_is_told_with_its_reason(browser: httpx.Client, events: list[Event]) -> None:
    browser.get("/read")
    browser.get("/maybe")  # an optional session refuses nobody
    browser.post("/login", params={"user": "eve"})
    browser.get("/fresh")
    browser.get("/admin")
    browser.get("/only-ada")
    browser.get("/read", headers={"Cookie": f"session={'A' * 43}"})
    session = browser.cookies["session"]
    two = f"session={session}; session={'A' * 43}"
    browser.get("/read", headers={"Cookie": two})
    told = [(event.reason, event.schema) for event in events if isinstance(event, Refused)]
    (admin,) = [schema for reason, schema in told if reason == "schema"]
    assert admin is not None
    assert admin.startswith("Admin@")
    reasons = [reason for reason, _ in told]
    # The login was less than a second ago, or a little more: then it is not fresh enough.
    assert [reason for reason in reasons if reason != "stale"] == [
        "no_session",
        "schema",
        "verifier",
        "no_session",
        "two_sessions",
    ]


def test_a_refused_websocket_is_told(browser: httpx.Client, events: list[Event]) -> None:
    for origin in ("", "http://evil.test"):
        with pytest.raises(InvalidStatus):
            socket_to(str(browser.base_url).rstrip("/"), "/ws", {}, origin)
    assert [event.reason for event in events if isinstance(event, Refused)] == [
        "no_session",
        "origin",
    ]


def test_a_lost_write_is_told(
    manager: SessionManager, events: list[Event], raw: Any, prefix: str
) -> None:
    sessions, app = Sessions(raw), FastAPI()
    manager.install(app)

    async def login(visit: Annotated[Any, Depends(manager.visit())]) -> None:
        await visit.login("ada")

    async def late(request: Request, session: Annotated[Any, Depends(manager.required())]) -> Any:
        """The session ends between its reading and its writing."""
        assert sessions.delete(key_of_token(prefix, request.cookies["session"])) == 1
        return {"saved": await session.patch({"n": 1})}

    app.post("/login")(login)
    app.post("/late")(late)
    with served(app) as url, client(url) as browser:
        browser.post("/login")
        assert browser.post("/late").json() == {"saved": False}
    assert events[1:] == [Lost(user="ada", backend=manager.backend)]


def test_the_middleware_tells_them_too(server: Process, prefix: str, events: list[Event]) -> None:
    app = starlette_app.make(backend=server.url, prefix=prefix, insecure=True, user="user")
    with served(app) as url, client(url) as browser:
        browser.post("/write", json={"set": {"cart": 1}})
        assert events == []
        browser.post("/write", json={"set": {"user": "ada"}})
        browser.post("/write", json={"clear": True})
        browser.post("/write", json={"set": {"user": "eve"}})
        browser.post("/end_everywhere")
    assert [type(event) for event in events] == [LoggedIn, LoggedOut, LoggedIn, LoggedOut]
    assert [event.user for event in events if isinstance(event, LoggedOut)] == ["ada", "eve"]


async def test_a_listener_that_fails_changes_nothing(
    events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    signal = Signal(LoggedIn)
    told = []

    @signal.connect
    def fails(event: LoggedIn) -> None:
        raise RuntimeError("in the listener")

    @signal.connect
    async def listens(event: LoggedIn) -> None:
        told.append(event.user)

    with caplog.at_level(logging.ERROR):
        await signal.send(LoggedIn(user="ada", backend=MemoryBackend()))
    assert told == ["ada"]
    assert "a listener of LoggedIn failed" in caplog.text
    signal.disconnect(fails)
    signal.disconnect(listens)
    assert not signal


def test_what_is_no_listener_is_refused() -> None:
    with pytest.raises(TypeError, match="a function that takes the event"):
        signals.logged_in.connect("print")  # type: ignore[type-var]
    with pytest.raises(ValueError, match="not connected"):
        signals.logged_in.disconnect(print)


def test_an_event_shows_no_request(events: list[Event]) -> None:
    event = LoggedIn(user="ada", backend=MemoryBackend())
    assert repr(event) == "LoggedIn(user='ada')"
