"""SESSION_REDIS, SESSION_SERIALIZER and the system checks: each tells what is wrong."""

from __future__ import annotations

import io
import json
import pickle
import sys
import types
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import redis
import redis.asyncio
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.serializers.json import DjangoJSONEncoder
from django.test import override_settings
from support.django_site import DJANGO, configured
from support.servers import Group, Process, free_port

from redis_session_client import Invalid, Raw, Sessions, key_of_token
from redis_session_client.django import SessionStore
from redis_session_client.errors import ModuleMissing


def made(url: str) -> redis.Redis:
    return redis.Redis.from_url(url)


class Dates:
    """A serializer that adds dates to JSON, as Django's documentation shows."""

    def dumps(self, obj: Any) -> bytes:
        return json.dumps(obj, cls=DjangoJSONEncoder).encode("latin-1")

    def loads(self, data: bytes) -> Any:
        found = json.loads(data.decode("latin-1"))
        return {
            k: datetime.fromisoformat(v.replace("Z", "+00:00")) if k.endswith("_at") else v
            for k, v in found.items()
        }


class Text(Dates):
    """One that returns text with letters beyond ASCII."""

    def dumps(self, obj: Any) -> Any:
        return json.dumps(obj, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


class Pickle:
    def dumps(self, obj: Any) -> bytes:
        return pickle.dumps(obj)

    def loads(self, data: bytes) -> Any:
        raise AssertionError("nothing is unpickled")


class List:
    def dumps(self, obj: Any) -> bytes:
        return json.dumps(list(obj.items())).encode()

    def loads(self, data: bytes) -> Any:
        return dict(json.loads(data))


WRONG: list[tuple[Any, str]] = [
    ("redis://localhost", "must be a dict, not str"),
    ({"host": "x"}, "has no option 'host'; the options are url, client"),
    ({"url": "localhost:6379"}, "'url' must begin with redis://"),
    ({"url": "http://secret@x"}, "'url' must begin with redis://"),
    ({"url": "redis://localhost:port"}, "'url' has a port that is no number"),
    ({"url": 1}, "'url' must be a text"),
    ({"timeout": 1, "client": made}, "takes 'timeout' or"),
    ({"url": "redis://x", "client": made}, "takes 'url' or 'client', not both"),
    ({"client": 1}, "'client' is a client of redis-py"),
    ({"prefix": "a{b"}, "'prefix' must have no"),
    ({"prefix": ""}, "'prefix' must be a text"),
    ({"prefix": "x" * 300}, "at most 255 bytes"),
    ({"timeout": 0}, "'timeout' is a number of seconds above 0"),
    ({"timeout": "2"}, "'timeout' is a number of seconds"),
    ({"idle": -1}, "'idle' is not negative"),
    ({"idle": "1h"}, "'idle' is an int of seconds"),
    ({"lifetime": 0}, "'lifetime' is a time in the future"),
    ({"lifetime": "1h"}, "'lifetime' is an int of seconds"),
    ({"lifetime": 2**80}, "'lifetime' is"),
    ({"max_sessions": 0}, "max_sessions is 1 or more"),
    ({"max_sessions": True}, "max_sessions is an int"),
    ({"user": ""}, "'user' must be a text"),
    ({"schema": 1}, "'schema' must be a text"),
    ({"replica_ok": 1}, "'replica_ok' must be True or False"),
    ({"tag_by_user": True}, "'tag_by_user' is for a cluster"),
]


@pytest.mark.parametrize(("value", "text"), WRONG)
def test_a_wrong_setting_is_told_at_once_and_by_the_check(value: Any, text: str) -> None:
    with override_settings(SESSION_REDIS=value):
        with pytest.raises(ImproperlyConfigured, match="SESSION_REDIS ") as error:
            SessionStore()
        assert text in str(error.value)
        assert "secret" not in str(error.value)
        with pytest.raises(SystemCheckError, match=r"redis_session.E001") as told:
            call_command("check")
        assert text in str(told.value)


@pytest.mark.parametrize("serializer", [Pickle, List])
def test_a_serializer_that_writes_no_object_is_refused(serializer: type[Any]) -> None:
    name = f"{__name__}.{serializer.__qualname__}"
    with override_settings(SESSION_SERIALIZER=name, SESSION_REDIS={}):
        with pytest.raises(ImproperlyConfigured, match="does not write JSON"):
            SessionStore()
        with pytest.raises(SystemCheckError, match=r"redis_session.E002"):
            call_command("check")


@pytest.mark.parametrize("serializer", [Dates, Text])
def test_a_serializer_of_your_own_is_used(
    serializer: type[Any], server: Process, prefix: str, raw: redis.Redis
) -> None:
    at = datetime(2026, 11, 30, 12, 30, tzinfo=timezone.utc)
    with configured(server, prefix, SESSION_SERIALIZER=f"{__name__}.{serializer.__qualname__}"):
        session = SessionStore()
        session.update({"seen_at": at, "name": "Zoë ☃", "n": 1})
        session.save()
        found = SessionStore(session.session_key)
        assert dict(found.items()) == {"seen_at": at, "name": "Zoë ☃", "n": 1}
        found["n"] = 2
        found.save()
        stored = Sessions(raw).get(key_of_token(prefix, str(session.session_key)))
        assert stored is not None
        assert stored.data == {"seen_at": "2026-11-30T12:30:00Z", "name": "Zoë ☃", "n": 2}


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (datetime(2026, 1, 1), TypeError, "not JSON serializable"),
        (float("nan"), ValueError, "JSON"),
        (float("inf"), ValueError, "JSON"),
    ],
)
def test_a_value_without_json_form_is_refused_when_it_is_saved(
    value: Any, error: type[Exception], text: str, server: Process, prefix: str
) -> None:
    with configured(server, prefix):
        session = SessionStore()
        session.save()
        for unsaved in (session, SessionStore()):
            unsaved["value"] = value
            with pytest.raises(error, match=text):
                unsaved.save()


def test_numbers_of_other_clients_that_python_cannot_hold_are_left_alone(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    with configured(server, prefix):
        session = SessionStore()
        session.save()
        key = key_of_token(prefix, str(session.session_key))
        huge = f'{{"big":[1e400],"long":{"9" * 5000},"n":1}}'
        Sessions(raw).set(key, Raw(huge))
        found = SessionStore(session.session_key)
        found["n"] = 2
        found.save()
        stored = Sessions(raw).get(key)
        assert stored is not None
        assert stored.text == huge.replace('"n":1', '"n":2')


def test_names_that_are_no_text_become_text(server: Process, prefix: str) -> None:
    with configured(server, prefix):
        session = SessionStore()
        session[1] = "a"  # type: ignore[index]
        session["~/ü"] = "b"
        session.save()
        assert dict(SessionStore(session.session_key).items()) == {"1": "a", "~/ü": "b"}


def test_a_schema_of_the_server_checks_what_is_stored(
    server: Process, prefix: str, raw: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    schema = f"{prefix}django"
    Sessions(raw).schema_set(schema, {"properties": {"cart": {"type": "array"}}})
    with configured(server, prefix, schema=schema):
        session = SessionStore()
        session["cart"] = [7]
        session.save()
        session["cart"] = "no list"
        with pytest.raises(Invalid, match="/cart"):
            session.save()
        Sessions(raw).schema_set(schema, {"required": ["name"]})
        assert SessionStore(session.session_key).load() == {}
        assert 'required "name"' in caplog.text
    # The session's own schema, of an application that is gone.
    Sessions(raw).schema_set(schema, {})
    Sessions(raw).schema_delete(schema)
    with configured(server, prefix):
        assert SessionStore(session.session_key).load() == {}
        assert "cannot be checked" in caplog.text


def test_a_client_of_your_own_is_taken(server: Process, prefix: str) -> None:
    with server.client() as client:
        for given in (client, lambda: client):
            with override_settings(SESSION_REDIS={"client": given, "prefix": prefix}):
                session = SessionStore()
                session.save()
                assert session.exists(session.session_key)
    missing = override_settings(SESSION_REDIS={"client": f"{__name__}.none_such"})
    with missing, pytest.raises(ImproperlyConfigured, match="none_such"):
        SessionStore()
    for wrong, text in ((dict, "gave no client"), (redis.asyncio.Redis, "redis.asyncio")):
        given_wrong = override_settings(SESSION_REDIS={"client": wrong})
        with given_wrong, pytest.raises(ImproperlyConfigured, match=text):
            SessionStore()


def test_sessions_work_in_a_cluster(cluster: list[Process], prefix: str) -> None:
    with cluster[0].cluster_client() as client:
        options = {"client": client, "prefix": prefix, "tag_by_user": True, "max_sessions": 1}
        with override_settings(SESSION_REDIS=options):
            sessions = [SessionStore() for _ in range(2)]
            for session in sessions:
                session["_auth_user_id"] = "7"
                session.save()
            first, second = (session.session_key for session in sessions)
            assert not sessions[0].exists(first)
            session = SessionStore(second)
            session.cycle_key()
            session["a"] = 1
            session.save()
            assert str(session.session_key)[4] == "."
            assert SessionStore(session.session_key)["a"] == 1


def check(*arguments: str, **options: Any) -> str:
    told = io.StringIO()
    call_command("check", *arguments, stderr=told, stdout=told, **options)
    return told.getvalue()


def test_the_check_of_good_settings_is_silent_and_connects_to_nothing() -> None:
    with override_settings(SESSION_REDIS={"url": f"redis://127.0.0.1:{free_port()}"}):
        assert "no issues" in check()


def test_a_setting_for_another_engine_is_told() -> None:
    with override_settings(SESSION_REDIS={}, SESSION_ENGINE="django.contrib.sessions.backends.db"):
        assert "redis_session.W001" in check()
        assert "redis_session.W002" not in check("--deploy")


def test_an_engine_of_your_own_on_this_one_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("own_engine")
    module.__dict__["SessionStore"] = type("SessionStore", (SessionStore,), {})
    monkeypatch.setitem(sys.modules, "own_engine", module)
    options = {"url": f"redis://127.0.0.1:{free_port()}"}
    with override_settings(SESSION_REDIS=options, SESSION_ENGINE="own_engine"):
        assert "redis_session.W002" in check("--deploy")


def test_partitioned_needs_the_middleware() -> None:
    without = override_settings(SESSION_REDIS={"partitioned": True}, MIDDLEWARE=[DJANGO])
    with without, pytest.raises(SystemCheckError, match=r"redis_session.E003"):
        call_command("check")


HOST = {"SESSION_COOKIE_NAME": "__Host-session", "SESSION_COOKIE_SECURE": True}


def test_the_check_of_a_deployment_asks_the_server(server: Process, prefix: str) -> None:
    with configured(server, prefix, **HOST):
        assert "redis_session" not in check("--deploy")
    with override_settings(SESSION_REDIS={"url": f"redis://127.0.0.1:{free_port()}"}):
        assert "redis_session.W002" in check("--deploy")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"SESSION_COOKIE_NAME": "sessionid"}, "__Host-session"),
        ({"SESSION_COOKIE_NAME": "sessionid", "SESSION_COOKIE_PATH": "/a"}, "__Secure-session"),
        ({"SESSION_COOKIE_SECURE": False}, "E006"),
        ({"SESSION_COOKIE_DOMAIN": "example.org"}, "E006"),
        ({"SESSION_COOKIE_PATH": "/shop"}, "E006"),
        ({"SESSION_COOKIE_NAME": "__Secure-a", "SESSION_COOKIE_PATH": "/a"}, None),
    ],
)
def test_the_check_of_a_deployment_looks_at_the_cookie(
    server: Process, prefix: str, settings: dict[str, Any], told: str | None
) -> None:
    with configured(server, prefix, **{**HOST, **settings}):
        assert "redis_session" not in check()
        found = _outcome("--deploy")
        assert told in found if told else "redis_session" not in found


def _outcome(*arguments: str) -> str:
    """What the checks say, whether or not they fail."""
    try:
        return check(*arguments)
    except SystemCheckError as error:
        return str(error)


def test_a_server_without_the_module_is_told() -> None:
    with Group() as group:
        # A Sentinel is a server that has no modules.
        bare = group.start(config="sentinel resolve-hostnames no", sentinel=True)
        with override_settings(SESSION_REDIS={"url": bare.url}):
            with pytest.raises(SystemCheckError, match="has not loaded the module"):
                call_command("check", "--deploy")
            with pytest.raises(ModuleMissing, match=str(bare.port)):
                SessionStore("x" * 42 + "A").load()


def test_an_idle_timeout_of_nothing_is_none(server: Process, prefix: str, raw: redis.Redis) -> None:
    with configured(server, prefix, idle=timedelta(0)):
        session = SessionStore()
        session.save()
        found = Sessions(raw).info(key_of_token(prefix, str(session.session_key)))
        assert found is not None
        assert found.idle is None
