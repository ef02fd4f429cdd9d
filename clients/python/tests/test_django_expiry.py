"""When sessions end: Django's functions say the same as the server does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.test import override_settings
from django.utils import timezone
from support.django_site import configured
from support.servers import Process

from redis_session_client import Info, Sessions, key_of_token
from redis_session_client.django import SessionStore

SLACK = 600
"""Seconds that a busy machine may need between two steps of a test."""
HOUR = 3600


@pytest.fixture
def engine(server: Process, prefix: str) -> Iterator[None]:
    with configured(server, prefix):
        yield


def info(session: SessionStore, raw: redis.Redis, prefix: str) -> Info:
    found = Sessions(raw).info(key_of_token(prefix, str(session.session_key)))
    assert found is not None
    return found


def left(session: SessionStore, raw: redis.Redis, prefix: str) -> float:
    """Seconds until the server ends the session."""
    ttl = info(session, raw, prefix).ttl
    assert ttl is not None
    return ttl / 1000


def near(seconds: float, expected: float) -> bool:
    return expected - SLACK <= seconds <= expected


def saved(expiry: Any = "none") -> SessionStore:
    session = SessionStore()
    session["a"] = 1
    if expiry != "none":
        session.set_expiry(expiry)
    session.save()
    return session


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("expiry", "seconds"),
    [
        ("none", 5 * HOUR),
        (None, 5 * HOUR),
        (0, 5 * HOUR),
        (HOUR, HOUR),
        (timedelta(hours=2), 2 * HOUR),
        ("a datetime", 3 * HOUR),
    ],
)
def test_the_server_ends_a_session_when_django_says(
    expiry: Any, seconds: int, raw: redis.Redis, prefix: str
) -> None:
    with override_settings(SESSION_COOKIE_AGE=5 * HOUR):
        if expiry == "a datetime":
            expiry = timezone.now() + timedelta(hours=3)
        session = saved(expiry)
        assert near(left(session, raw, prefix), seconds)
        assert near(session.get_expiry_age(), seconds)
        assert session.get_expire_at_browser_close() == (expiry == 0)
        # The same as in the next request, which reads it from the server.
        found = SessionStore(session.session_key)
        assert near(found.get_expiry_age(), seconds)
        assert near((found.get_expiry_date() - timezone.now()).total_seconds(), seconds)


@pytest.mark.usefixtures("engine")
def test_each_save_renews_the_lifetime_and_a_read_does_not(raw: redis.Redis, prefix: str) -> None:
    session = saved(5 * HOUR)
    key = key_of_token(prefix, str(session.session_key))
    raw.pexpire(key, HOUR * 1000)
    found = SessionStore(session.session_key)
    assert found["a"] == 1
    assert near(raw.pttl(key) / 1000, HOUR)
    found.save()
    assert near(raw.pttl(key) / 1000, 5 * HOUR)
    found.cycle_key()
    assert near(left(found, raw, prefix), 5 * HOUR)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("expiry", [-1, timedelta(seconds=-10), datetime(2020, 1, 1).astimezone()])
def test_an_expiry_in_the_past_ends_the_session(expiry: Any) -> None:
    session = saved()
    key = session.session_key
    session.set_expiry(expiry)
    session.save()
    assert session.session_key == key
    assert not session.exists(key)
    never = saved(expiry)
    # The middleware puts the key into a cookie that is as old.
    assert never.session_key is not None
    assert not never.exists(never.session_key)
    assert never.get_expiry_age() <= 0


@pytest.mark.usefixtures("engine")
def test_a_fraction_of_a_second_is_kept(raw: redis.Redis, prefix: str) -> None:
    with override_settings(SESSION_COOKIE_AGE=HOUR + 0.5):
        found = info(saved(), raw, prefix)
    assert found.deadline is not None
    assert found.deadline - found.created == HOUR * 1000 + 500


def test_an_idle_timeout_is_the_servers_and_moves_with_reads(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    with configured(server, prefix, idle=600):
        session = saved()
        assert info(session, raw, prefix).idle == 600_000
        assert near(session.get_expiry_age(), 1209600)
        session["a"] = 2
        session.save()
        assert info(session, raw, prefix).idle == 600_000
    with configured(server, prefix, idle=timedelta(minutes=5)):
        session = SessionStore(session.session_key)
        session["_auth_user_id"] = "1"
        session.save()
        # A login sets the timeouts anew.
        assert info(session, raw, prefix).idle == 300_000


def test_an_absolute_lifetime_counts_from_the_login(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    with configured(server, prefix, lifetime=timedelta(hours=8)):
        session = saved()
        assert near(left(session, raw, prefix), 8 * HOUR)
        assert near(session.get_expiry_age(), 8 * HOUR)
        # Three hours later, as far as the server knows.
        Sessions(raw).delete(key_of_token(prefix, str(session.session_key)))
        key = key_of_token(prefix, "x" * 42 + "A")
        begun = int(timezone.now().timestamp() * 1000) - 3 * HOUR * 1000
        Sessions(raw).import_as(key, {"a": 1}, created=begun)
        session = SessionStore("x" * 42 + "A")
        session.save()
        assert near(left(session, raw, prefix), 5 * HOUR)
        assert near(session.get_expiry_age(), 5 * HOUR)
        assert near((session.get_expiry_date() - timezone.now()).total_seconds(), 5 * HOUR)
        session.set_expiry(HOUR)
        session.save()
        assert near(left(session, raw, prefix), HOUR)
        session.set_expiry(None)
        session["_auth_user_id"] = "1"
        assert near(session.get_expiry_age(), 8 * HOUR)
        session.save()
        assert near(left(session, raw, prefix), 8 * HOUR)


def test_a_session_older_than_its_lifetime_ends_at_its_next_save(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    key = key_of_token(prefix, "x" * 42 + "A")
    begun = int(timezone.now().timestamp() * 1000) - 9 * HOUR * 1000
    Sessions(raw).import_as(key, {"a": 1}, created=begun)
    with configured(server, prefix, lifetime=8 * HOUR):
        session = SessionStore("x" * 42 + "A")
        session["b"] = 1
        session.save()
        assert not session.exists(session.session_key)


def test_times_without_time_zones_work(server: Process, prefix: str, raw: redis.Redis) -> None:
    with configured(server, prefix, lifetime=8 * HOUR, USE_TZ=False):
        session = saved(timedelta(hours=2))
        assert near(left(session, raw, prefix), 2 * HOUR)
        found = SessionStore(session.session_key)
        assert near((found.get_expiry_date() - timezone.now()).total_seconds(), 2 * HOUR)
        at = timezone.now() + timedelta(hours=1)
        assert near(found.get_expiry_age(modification=at), HOUR)
        found.set_expiry(None)
        assert near(found.get_expiry_age(modification=at), 7 * HOUR)


def test_a_class_of_your_own_can_say_how_long_a_session_lasts(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    class Short(SessionStore):
        def get_session_cookie_age(self) -> int:
            return HOUR

    with configured(server, prefix):
        session = Short()
        session.save()
        assert near(left(session, raw, prefix), HOUR)
