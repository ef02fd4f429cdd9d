"""SESSION_REDIS["legacy"]: who is logged in with the engine used before stays so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings
from support.commands import keys
from support.django_site import (
    DJANGO,
    OWN,
    Site,
    configured,
    held,
    prepare_database,
    site,
)
from support.servers import Process

from redis_session_client import Sessions
from redis_session_client.django import SessionStore, sessions_of
from redis_session_client.django.legacy import Legacy

BACKENDS = "django.contrib.sessions.backends"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(params=["cache", "db", "cached_db"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    prepare_database()
    apps = [*settings.INSTALLED_APPS, "django.contrib.sessions"]
    with override_settings(INSTALLED_APPS=apps, CACHES=LOCAL):
        call_command("migrate", "sessions", verbosity=0)
        yield f"{BACKENDS}.{request.param}"


@pytest.fixture
def cache_engine() -> Iterator[str]:
    with override_settings(CACHES=LOCAL):
        yield f"{BACKENDS}.cache"


def old(engine: str, **data: Any) -> Any:
    """A session of the engine used before."""
    session = import_module(engine).SessionStore()
    session.update(data)
    session.save()
    return session


def test_a_session_moves_when_its_cookie_is_seen(
    engine: str, server: Process, prefix: str, raw: redis.Redis
) -> None:
    before = old(engine, cart=[7], _auth_user_id="7")
    with configured(server, prefix, legacy=engine, idle=600):
        found = SessionStore(before.session_key)
        assert found["cart"] == [7]
        assert found.session_key == before.session_key
        assert not before.exists(before.session_key)
        (listed,) = Sessions(raw).list(f"{prefix}7")
        assert listed.info.idle == 600_000
        assert [d.current for d in sessions_of(7, current=found)] == [True]
        # It stays under the old cookie until the next login, and works as any other.
        found["cart"] = [8]
        found.save()
        assert SessionStore(before.session_key)["cart"] == [8]
        found.cycle_key()
        found.save()
        assert len(str(found.session_key)) == 43
        assert not found.exists(before.session_key)


def test_a_logout_is_one_in_both(engine: str, server: Process, prefix: str) -> None:
    unseen, seen = old(engine, a=1), old(engine, a=1)
    with configured(server, prefix, legacy=engine):
        assert SessionStore(seen.session_key)["a"] == 1
        for session in (unseen, seen):
            SessionStore(session.session_key).flush()
            assert not session.exists(session.session_key)
            assert SessionStore(session.session_key).load() == {}


@pytest.mark.parametrize("cookie", ["a1" * 16, "A1" * 16, "x" * 42 + "A", "a" * 31, "a" * 33])
def test_a_made_up_cookie_is_none(
    engine: str, cookie: str, server: Process, prefix: str, raw: redis.Redis
) -> None:
    with configured(server, prefix, legacy=engine):
        session = SessionStore(cookie)
        assert session.load() == {}
        assert session.session_key is None
        assert keys(raw, prefix) == []


def test_without_the_setting_an_old_cookie_is_none(
    cache_engine: str, server: Process, prefix: str
) -> None:
    before = old(cache_engine, a=1)
    with configured(server, prefix):
        assert SessionStore(before.session_key).load() == {}
        assert before.exists(before.session_key)


def test_data_without_json_form_is_left_where_it_is(
    cache_engine: str, server: Process, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = old(cache_engine, at=datetime(2026, 1, 1))
    with configured(server, prefix, legacy=cache_engine):
        assert SessionStore(before.session_key).load() == {}
        assert before.exists(before.session_key)
        assert "no JSON form" in caplog.text


def test_data_that_a_schema_refuses_is_left_where_it_is(
    cache_engine: str, server: Process, prefix: str, raw: redis.Redis
) -> None:
    Sessions(raw).schema_set(f"{prefix}s", {"required": ["name"]})
    before = old(cache_engine, a=1)
    with configured(server, prefix, legacy=cache_engine, schema=f"{prefix}s"):
        assert SessionStore(before.session_key).load() == {}
        assert before.exists(before.session_key)


def test_a_session_that_was_ended_while_it_moved_stays_ended(
    cache_engine: str, server: Process, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old(cache_engine, a=1)
    with configured(server, prefix, legacy=cache_engine):
        slow = SessionStore(before.session_key)
        # The slow request has read the old session, when another moves it and a third ends it.
        read = slow._records.legacy(before.session_key)
        assert read == {"a": 1}
        assert SessionStore(before.session_key)["a"] == 1
        SessionStore(before.session_key).flush()
        monkeypatch.setattr(slow._records, "legacy", lambda ticket: read)
        assert slow.load() == {}
        assert not slow.exists(before.session_key)


def test_a_session_that_cannot_be_deleted_there_is_not_left_in_both(
    cache_engine: str,
    server: Process,
    prefix: str,
    raw: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(self: Legacy, cookie: str) -> None:
        raise OSError("the database is locked")

    before = old(cache_engine, a=1)
    with configured(server, prefix, legacy=cache_engine):
        with monkeypatch.context() as patched:
            patched.setattr(Legacy, "delete", fail)
            with pytest.raises(OSError, match="locked"):
                SessionStore(before.session_key).load()
        assert keys(raw, prefix) == []
        # The next request can move it.
        assert SessionStore(before.session_key)["a"] == 1
        assert not before.exists(before.session_key)


@pytest.fixture(params=[DJANGO, OWN], ids=["django", "own"])
def shop(
    request: pytest.FixtureRequest, cache_engine: str, server: Process, prefix: str
) -> Iterator[Site]:
    with site(server, prefix, middleware=request.param, legacy=cache_engine) as found:
        yield found


def test_visitors_stay_logged_in(shop: Site, cache_engine: str) -> None:
    before = old(cache_engine, cart=[7])
    browser = shop.browser(cookies={"session": before.session_key})
    with held(browser, "GET", "/put", params={"a": "1"}) as slow:
        assert browser.get("/put", params={"b": "2"}).status_code == 200
        assert slow.finish().status_code == 200
    assert browser.get("/").json()["data"] == {"cart": [7], "a": 1, "b": 2}
    browser.get("/login/ada")
    assert len(browser.cookies["session"]) == 43
    assert browser.get("/").json()["user"] == "ada"
    assert browser.get("/").json()["data"]["cart"] == [7]


def test_the_cookie_of_the_engine_used_before_is_renewed(shop: Site, cache_engine: str) -> None:
    # It has the age that the engine gave it, and would end although its session goes on.
    browser = shop.browser(cookies={"session": old(cache_engine, cart=[7]).session_key})
    for value in ("1", "2"):
        assert "Max-Age" in browser.get("/put", params={"a": value}).headers["set-cookie"]


@pytest.mark.parametrize(
    "path", ["no.such.engine", "redis_session_client.django", f"{BACKENDS}.db"]
)
def test_an_engine_that_cannot_be_used_is_told(path: str) -> None:
    wrong = override_settings(SESSION_REDIS={"legacy": path})
    with wrong, pytest.raises(SystemCheckError, match=r"redis_session.E005"):
        call_command("check")
