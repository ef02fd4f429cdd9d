"""redis_session_client.authx: the program of AuthX's page over HTTP, and each name that it uses."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from starlette.responses import Response
from support.servers import Process
from support.web import client, get, post, served

from redis_session_client import Sessions, authx

PAGE = Path(__file__).parent.parent / "examples" / "authx_page.py"


@pytest.fixture(autouse=True)
def config(server: Process, monkeypatch: pytest.MonkeyPatch) -> authx._Config:
    """A fresh configuration for each test, with the URL of the tests' server."""
    fresh = authx._Config(redisURL=server.url)
    monkeypatch.setattr(authx, "config", fresh)
    return fresh


@pytest.fixture
def site(server: Process) -> Iterator[str]:
    spec = importlib.util.spec_from_file_location("authx_page", PAGE)
    assert spec is not None
    assert spec.loader is not None
    page: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    authx.basicConfig(redisURL=server.url)
    with served(page.app) as url:
        yield url


def test_the_pages_program_runs(site: str) -> None:
    with client(site) as browser:
        assert browser.get("/getSession").json() is None
        reply = browser.post("/setSession", json={"name": "ada", "n": [1, None]})
        assert reply.status_code == 200
        assert browser.get("/getSession").json() == {"name": "ada", "n": [1, None]}
        assert browser.post("/deleteSession").json() is None
        assert browser.get("/getSession").json() is None
        assert browser.post("/deleteSession").status_code == 200


def test_its_four_digits_get_128_random_bits_behind_them(site: str) -> None:
    reply = post(f"{site}/setSession", json={})
    value = reply.cookies["sessionId"]
    assert re.fullmatch(r"\d{4}\.[A-Za-z0-9_-]{22}", value)


def test_its_cookie_is_guarded(site: str) -> None:
    reply = post(f"{site}/setSession", json={})
    header = reply.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/" in header
    assert "Secure" not in header  # the request came by http
    assert reply.headers["cache-control"] == "no-store"


def test_a_made_up_cookie_becomes_no_session(site: str, raw: redis.Redis) -> None:
    before = set(raw.scan_iter(match="authx:*"))
    planted = {"cookie": "sessionId=1234"}
    assert get(f"{site}/getSession", headers=planted).json() is None
    reply = post(f"{site}/setSession", json={"n": 1}, headers=planted)
    assert reply.cookies["sessionId"] != "1234"
    assert get(f"{site}/getSession", headers=planted).json() is None
    assert len(set(raw.scan_iter(match="authx:*")) - before) == 1


def test_the_defaults_are_those_of_the_page() -> None:
    default = authx._Config()
    assert default.redisURL == "redis://localhost:6379/0"
    assert default.sessionIdName == "ssid"
    assert re.fullmatch(r"[0-9a-f]{32}", default.sessionIdGenerator())
    assert default.expireTime == timedelta(hours=6)


def test_falsy_arguments_change_nothing(config: authx._Config) -> None:
    before = authx._Config(**vars(config))
    authx.basicConfig()
    authx.basicConfig("", "", None, timedelta(0), None)
    assert config == before
    authx.basicConfig(sessionIdName="sid", expireTime=timedelta(minutes=1), secure=True)
    assert (config.sessionIdName, config.expireTime, config.secure) == (
        "sid",
        timedelta(minutes=1),
        True,
    )


def test_the_storage_is_a_mapping_of_live_sessions(raw: redis.Redis) -> None:
    storage = authx.SessionStorage()
    made = storage.genSessionId()
    assert storage[made] is None
    storage[made] = {"n": 1}
    assert storage[made] == {"n": 1}
    storage[made] = {"n": 2}
    assert authx.SessionStorage()[made] == {"n": 2}
    del storage[made]
    del storage[made]
    assert storage[made] is None
    assert storage[""] is None


def test_the_dependency_can_be_called_by_hand() -> None:
    storage = next(authx.getSessionStorage())
    assert isinstance(storage, authx.SessionStorage)
    assert storage.https is True  # the default without a request


def test_what_has_ended_stays_ended() -> None:
    storage = authx.SessionStorage()
    made = storage.genSessionId()
    storage[made] = 1
    del storage[made]
    with pytest.raises(KeyError):
        storage[made] = 2
    assert storage[made] is None


def test_an_id_that_nobody_made_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        authx.SessionStorage()[uuid4().hex] = {}
    other = authx.SessionStorage()
    made = other.genSessionId()
    with pytest.raises(KeyError):
        authx.SessionStorage()[made] = {}


def test_a_session_expires_as_configured(raw: redis.Redis) -> None:
    authx.basicConfig(expireTime=timedelta(minutes=2))
    storage = authx.SessionStorage()
    made = authx.setSession(Response(), {}, storage)
    info = Sessions(raw).info(storage._key(made))
    assert info is not None
    assert info.deadline == info.created + 120_000


def test_keys_have_a_prefix_and_do_not_give_the_id_away(raw: redis.Redis) -> None:
    storage = authx.SessionStorage()
    made = authx.setSession(Response(), {}, storage)
    key = storage._key(made)
    assert key.startswith("authx:")
    assert raw.exists(key)
    assert not [k for k in raw.scan_iter(match="authx:*") if made in k]


def test_a_generator_that_repeats_itself_overwrites_nobody() -> None:
    ids = iter(["a" * 32, "a" * 32, "b" * 32])
    authx.basicConfig(sessionIdGenerator=lambda: next(ids))
    storage = authx.SessionStorage()
    first = authx.setSession(Response(), {"whose": "first"}, storage)
    second = authx.setSession(Response(), {"whose": "second"}, storage)
    assert (first, second) == ("a" * 32, "b" * 32)
    assert storage[first] == {"whose": "first"}
    authx.basicConfig(sessionIdGenerator=lambda: "a" * 32)
    with pytest.raises(RuntimeError, match="taken"):
        authx.setSession(Response(), {}, storage)


def test_a_generator_that_returns_nothing_still_gives_an_id() -> None:
    """AuthX accepted such a generator."""
    nothing: Any = lambda: None  # noqa: E731
    authx.basicConfig(sessionIdGenerator=nothing)
    storage = authx.SessionStorage()
    made = authx.setSession(Response(), {"n": 1}, storage)
    assert re.fullmatch(r"\.[A-Za-z0-9_-]{22}", made)
    assert storage[made] == {"n": 1}


@pytest.mark.parametrize(
    ("secure", "https", "expected"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_the_cookie_is_secure_as_the_request_or_the_configuration_says(
    secure: bool | None, https: bool, expected: bool
) -> None:
    authx.basicConfig(secure=secure)
    response = Response()
    authx.setSession(response, {}, authx.SessionStorage(https=https))
    assert ("Secure" in response.headers["set-cookie"]) is expected
    assert response.headers["set-cookie"].startswith("ssid=")


def test_another_kind_of_key_is_no_session(raw: redis.Redis) -> None:
    storage = authx.SessionStorage()
    made = storage.genSessionId()
    raw.set(storage._key(made), "x")
    assert storage[made] is None
    del storage[made]
    with pytest.raises(KeyError):
        storage[made] = 1
    assert raw.get(storage._key(made)) == "x"
