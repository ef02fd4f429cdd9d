"""SessionStore as Django's engines are used: without requests, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.management.commands import clearsessions
from django.core.management import call_command
from django.test import override_settings
from support.commands import watched
from support.django_site import configured
from support.servers import Process

from redis_session_client import Sessions, key_of_token
from redis_session_client.django import SessionStore

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def engine(server: Process, prefix: str) -> Iterator[None]:
    with configured(server, prefix):
        yield


def stored(**data: Any) -> SessionStore:
    session = SessionStore()
    session.update(data)
    session.save()
    return session


def again(session: SessionStore) -> SessionStore:
    """The same session in another request."""
    return SessionStore(session.session_key)


def test_the_key_is_a_token_of_which_the_server_has_only_a_hash(
    raw: redis.Redis, prefix: str
) -> None:
    session = stored(cart=[7])
    token = session.session_key
    assert token is not None
    assert len(token) == 43
    (key,) = raw.scan_iter(match=f"{prefix}*")
    assert key == key_of_token(prefix, token)
    found = Sessions(raw).get(key)
    assert found is not None
    assert found.text == '{"cart":[7]}'


def test_it_is_a_dict_that_lasts() -> None:
    session = stored(a=1, b=[1, {"c": None}], text="Ünïcödé ☃")
    found = again(session)
    assert not hasattr(found, "_session_cache")
    assert dict(found.items()) == {"a": 1, "b": [1, {"c": None}], "text": "Ünïcödé ☃"}
    assert (found.accessed, found.modified) == (True, False)
    assert found.pop("a") == 1
    assert found.setdefault("new", 2) == 2
    found.set_test_cookie()
    found.save()
    found = again(session)
    assert sorted(found.keys()) == ["b", "new", "testcookie", "text"]
    assert found.test_cookie_worked()
    found.delete_test_cookie()
    assert found.get("testcookie") is None


@pytest.mark.parametrize("key", ["", "short", "someunknownkey", "a" * 43, "x" * 1000, "../../\n*{"])
def test_a_made_up_key_never_becomes_a_session(key: str) -> None:
    session = SessionStore(key)
    assert not session.exists(key)
    session.delete(key)
    assert session.get("a") is None
    assert session.session_key is None
    unread = SessionStore(key)
    unread.clear()
    if len(key) < 8:
        unread.save()
        assert unread.session_key not in (None, key)
    else:
        with pytest.raises(UpdateError):
            unread.save()
    assert not session.exists(key)


def test_saving_without_a_key_begins_a_session_and_with_must_create_a_second() -> None:
    session = SessionStore()
    session.save()
    first = session.session_key
    assert session.exists(first)
    with pytest.raises(CreateError):
        session.save(must_create=True)
    session.delete()
    session.save(must_create=True)
    assert session.session_key not in (None, first)
    assert session.exists(session.session_key)


def test_creating_keeps_what_was_set() -> None:
    session = SessionStore()
    session["a"] = 1
    session.create()
    assert session.modified
    assert again(session)["a"] == 1


@pytest.mark.parametrize("how", ["delete", "flush"])
def test_a_session_that_ended_is_never_written_again(how: str) -> None:
    session = stored(a=1)
    key = session.session_key
    getattr(again(session), how)()
    session["a"] = 2
    with pytest.raises(UpdateError):
        session.save()
    assert not session.exists(key)
    assert session.load() == {}


def test_two_requests_that_change_different_members_keep_both() -> None:
    session = stored(a=1, nested={"x": 1}, gone=1)
    one, other = again(session), again(session)
    one["a"] = 2
    one["nested"]["y"] = 2
    del one["gone"]
    other["b"] = None
    other["nested"]["z"] = 3
    one.save()
    other.save()
    expected = {"a": 2, "b": None, "nested": {"x": 1, "y": 2, "z": 3}}
    assert dict(again(session).items()) == expected


def test_a_change_within_an_object_that_another_request_removed_is_kept() -> None:
    session = stored(nested={"x": 1})
    one, other = again(session), again(session)
    del one["nested"]
    other["nested"]["y"] = 2
    one.save()
    other.save()
    assert dict(again(session).items()) == {"nested": {"y": 2}}


def test_a_save_without_changes_writes_no_data(raw: redis.Redis, prefix: str) -> None:
    session = stored(a=1)
    other = again(session)
    other.save()
    found = Sessions(raw).info(key_of_token(prefix, str(session.session_key)))
    assert found is not None
    assert found.version == 1


def test_clear_removes_all_and_keeps_the_key() -> None:
    session = stored(a=1, b=2)
    found = again(session)
    found.clear()
    found["c"] = 3
    found.save()
    assert found.session_key == session.session_key
    assert dict(again(session).items()) == {"c": 3}


def test_flush_ends_the_session_and_the_next_save_begins_another() -> None:
    session = stored(a=1)
    key = session.session_key
    session.flush()
    assert session.session_key is None
    assert session.is_empty()
    assert not session.exists(key)
    session["b"] = 2
    session.save()
    assert dict(again(session).items()) == {"b": 2}


def test_cycle_key_moves_the_data_in_one_command(raw: redis.Redis) -> None:
    session = stored(a=1)
    key = session.session_key
    found = again(session)
    with watched(raw) as commands:
        found.cycle_key()
        found["b"] = 2
        found.save()
    assert [command.split(" ")[0] for command in commands] == ["SESSION.VERIFY", "SESSION.ROTATE"]
    assert found.session_key not in (None, key)
    assert not found.exists(key)
    assert dict(again(found).items()) == {"a": 1, "b": 2}


def test_who_asks_for_the_key_after_cycle_key_gets_the_new_one() -> None:
    session = stored(a=1)
    old = session.session_key
    session.cycle_key()
    session["b"] = 2
    new = session.session_key
    assert new not in (None, old)
    assert not session.exists(old)
    assert dict(SessionStore(new).items()) == {"a": 1, "b": 2}
    session.save()
    assert session.session_key == new


def test_cycle_key_gives_a_visitor_without_session_one() -> None:
    session = SessionStore()
    session.cycle_key()
    assert not session.is_empty()
    assert session.exists(session.session_key)


def test_cycle_key_of_a_session_that_ended_brings_nothing_back() -> None:
    session = stored(a=1)
    found = again(session)
    found.cycle_key()
    session.delete()
    with pytest.raises(UpdateError):
        found.save()


def test_exists_sees_a_rotation_that_is_pending() -> None:
    session = stored(a=1)
    old = session.session_key
    session.cycle_key()
    assert not session.exists(old)
    assert session.exists(session.session_key)


def test_clearsessions_has_nothing_to_do() -> None:
    session = stored(a=1)
    call_command(clearsessions.Command())
    assert session.exists(session.session_key)


def test_a_key_of_another_type_is_no_session(raw: redis.Redis, prefix: str) -> None:
    session = stored(a=1)
    key = key_of_token(prefix, str(session.session_key))
    raw.delete(key)
    raw.set(key, "a string")
    assert not session.exists(session.session_key)
    assert again(session).load() == {}
    with pytest.raises(UpdateError):
        session.save()
    session.delete()
    assert raw.get(key) == "a string"


def test_data_that_is_no_object_counts_as_none(
    raw: redis.Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = stored(a=1)
    Sessions(raw).set(key_of_token(prefix, str(session.session_key)), [1])
    assert again(session).load() == {}
    assert "no object" in caplog.text


@pytest.mark.parametrize("engine_of", ["cache", "signed_cookies"])
def test_a_test_can_use_another_engine(engine_of: str) -> None:
    with override_settings(SESSION_ENGINE=f"django.contrib.sessions.backends.{engine_of}"):
        other = import_module(settings.SESSION_ENGINE).SessionStore()
        other["a"] = 1
        other.save()
        assert other["a"] == 1
