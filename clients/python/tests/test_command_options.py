"""Options of the commands that applications with their own IDs, many users or old data need."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from support.servers import GRACE

from redis_session_client import (
    AsyncSessions,
    BadJSON,
    Field,
    Invalid,
    NoSchema,
    NoSession,
    OtherUser,
    Raw,
    SessionError,
    Sessions,
    SessionWithFields,
    TooMany,
)


def now() -> int:
    return int(time.time() * 1000)


def test_fields_are_those_of_info(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}s", True)
    key = sessions.create(f"{prefix}*", {"n": 1}, user="ada", schema=f"{prefix}s").key
    info = sessions.info(key)
    assert info is not None
    names: list[Field] = ["user", "version", "schema", "created", "bytes", "idle"]
    for found in (
        sessions.get(key, fields=names, no_touch=True),
        sessions.verify(key, fields=names, no_touch=True),
    ):
        assert isinstance(found, SessionWithFields)
        assert found.data == {"n": 1}
        assert found.fields == {name: getattr(info, name) for name in names}
        assert list(found.fields) == names
    assert sessions.get(f"{prefix}none", fields=names) is None


def test_a_read_shows_the_access_that_it_recorded(sessions: Sessions, prefix: str) -> None:
    then = now() - 3_600_000
    for read in (sessions.get, sessions.verify):
        key = f"{prefix}{read.__name__}"
        assert sessions.import_as(key, {}, created=then, accessed=then, idle=86400)
        before = sessions.get(key, no_touch=True, with_info=True)
        assert before is not None
        assert before.info.accessed == then
        found = read(key, with_info=True)
        info = sessions.info(key)
        assert found is not None
        assert info is not None
        assert found.info.accessed == info.accessed > then
        again = read(key, fields=["accessed"], no_touch=True)
        assert again is not None
        assert again.fields == {"accessed": info.accessed}


def test_fields_must_be_named_and_go_without_info(sessions: Sessions, prefix: str) -> None:
    with pytest.raises(ValueError, match="at least one field"):
        sessions.get(f"{prefix}k", fields=[])
    with pytest.raises(ValueError, match="not both"):
        sessions.get(f"{prefix}k", fields=["ttl"], with_info=True)  # type: ignore[call-overload]
    sessions.create_as(f"{prefix}k", {})
    with pytest.raises(SessionError):
        sessions.get(f"{prefix}k", fields=["age"])  # type: ignore[list-item]


def test_verify_paths_checks_and_reads_parts(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}admin", {"properties": {"role": {"const": "admin"}}})
    key = sessions.create(f"{prefix}*", {"role": "user", "name": "ada", "x": None}).key
    assert sessions.verify_paths(key, "/name", "/x", "/none") == {"/name": "ada", "/x": None}
    assert sessions.verify_paths(key, "/none") == {}
    assert sessions.verify_paths(f"{prefix}none", "/name") is None
    with pytest.raises(Invalid):
        sessions.verify_paths(key, "/name", schemas=[f"{prefix}admin"])


def test_patch_can_change_the_schema(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}v2", {"required": ["full_name"]})
    key = sessions.create(f"{prefix}*", {"name": "ada"}).key
    with pytest.raises(Invalid):
        sessions.patch(key, {"age": 7}, schema=f"{prefix}v2")
    assert sessions.patch(key, {"full_name": "Ada"}, schema=f"{prefix}v2") == 2
    info = sessions.info(key)
    assert info is not None
    assert info.schema == f"{prefix}v2"
    with pytest.raises(NoSchema):
        sessions.patch(key, {}, schema=f"{prefix}none")


def test_rotate_as_moves_a_session_to_an_id_of_the_application(
    sessions: Sessions, prefix: str
) -> None:
    old, new = f"{prefix}old", f"{prefix}new"
    sessions.create_as(old, {"cart": [7]})
    assert sessions.rotate_as(old, new, user="ada", patch={"name": "ada"})
    assert sessions.get(old) is None
    found = sessions.get(new)
    assert found is not None
    assert found.data == {"cart": [7], "name": "ada"}
    # A key that exists is left alone, and so is the session.
    sessions.create_as(old, {"other": 1})
    assert not sessions.rotate_as(new, old)
    assert sessions.get(new) is not None
    with pytest.raises(NoSession):
        sessions.rotate_as(f"{prefix}none", f"{prefix}x")
    with pytest.raises(OtherUser):
        sessions.rotate_as(new, f"{prefix}x", user="eve")
    assert sessions.rotate_as(new, f"{prefix}x", grace=GRACE)
    assert sessions.get(new) is not None
    with pytest.raises(ValueError, match="rotate_as"):
        sessions.rotate(new, f"{prefix}y")


def test_refuse_keeps_the_sessions_that_are_there(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = [
        sessions.create(f"{prefix}*", {}, user=user, max_sessions=2, refuse=True).key
        for _ in range(2)
    ]
    with pytest.raises(TooMany):
        sessions.create(f"{prefix}*", {}, user=user, max_sessions=2, refuse=True)
    with pytest.raises(TooMany):
        sessions.create_as(f"{prefix}k", {}, user=user, max_sessions=2, refuse=True)
    guest = sessions.create(f"{prefix}*", {}).key
    with pytest.raises(TooMany):
        sessions.rotate(guest, f"{prefix}*", user=user, max_sessions=2, refuse=True)
    assert sessions.get(guest) is not None
    assert {session.key for session in sessions.list(user)} == set(keys)
    # A session that the user has already counts once.
    assert sessions.rotate(keys[0], f"{prefix}*", user=user, max_sessions=2, refuse=True).key
    with pytest.raises(ValueError, match="max_sessions"):
        sessions.create(f"{prefix}*", {}, user=user, refuse=True)


def test_list_and_revoke_in_parts(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = [f"{prefix}{n}" for n in range(5)]
    for key in keys:
        sessions.create_as(key, {"n": key}, user=user)
        time.sleep(0.002)  # so that each is accessed in a millisecond of its own
    assert [session.key for session in sessions.list(user, limit=2)] == [keys[4], keys[3]]
    listed = sessions.list_fields(user, ["user", "bytes"], "/n", limit=3)
    assert [(one.key, one.values) for one in listed] == [(k, {"/n": k}) for k in keys[:1:-1]]
    assert listed[0].fields == {"user": user, "bytes": len(keys[4]) + 8}
    assert listed[0].accessed >= listed[1].accessed
    assert sessions.revoke(user, limit=2) == 2
    assert [session.key for session in sessions.list(user)] == keys[:1:-1]
    assert sessions.revoke(user, keep=[keys[2]], limit=1) == 1
    assert [session.key for session in sessions.list(user)] == [keys[4], keys[2]]
    assert sessions.revoke(user, only=keys, limit=10) == 2


def test_import_as_keeps_the_times_of_a_session(sessions: Sessions, prefix: str) -> None:
    key, then = f"{prefix}k", now() - 3_600_000
    when = datetime.fromtimestamp(then / 1000, timezone.utc)
    assert sessions.import_as(
        key,
        {"cart": [7]},
        created=then,
        authenticated=when + timedelta(seconds=1),
        accessed=then + 2000,
        user="ada",
        idle=86400,
        ex=86400,
    )
    info = sessions.info(key)
    assert info is not None
    assert (info.created, info.authenticated, info.accessed) == (then, then + 1000, then + 2000)
    assert (info.user, info.version) == ("ada", 1)
    assert not sessions.import_as(key, {}, created=then)
    with pytest.raises(SessionError):
        sessions.import_as(f"{prefix}x", {}, created=now() + 3_600_000)
    with pytest.raises(ValueError, match="time zone"):
        sessions.import_as(f"{prefix}x", {}, created=datetime(2026, 1, 1))


def test_schema_check_says_what_set_would_say(sessions: Sessions, prefix: str) -> None:
    name = f"{prefix}s"
    sessions.schema_set(name, {"required": ["a"]})
    sessions.schema_check(name, {"a": 1})
    with pytest.raises(Invalid) as caught:
        sessions.schema_check(name, {})
    assert caught.value.schema == name
    with pytest.raises(BadJSON):
        sessions.schema_check(name, Raw("{"))
    with pytest.raises(NoSchema):
        sessions.schema_check(f"{prefix}none", {})


async def test_the_asynchronous_client_has_the_same_options(
    asessions: AsyncSessions, prefix: str
) -> None:
    old, new = f"{prefix}old", f"{prefix}new"
    assert await asessions.import_as(old, {"n": 1}, created=now() - 1000, user="ada")
    assert await asessions.rotate_as(old, new)
    found = await asessions.get(new, fields=["user"])
    assert found is not None
    assert found.fields == {"user": "ada"}
    assert await asessions.verify_paths(new, "/n") == {"/n": 1}
    assert await asessions.revoke("ada", only=[new], limit=1) == 1
