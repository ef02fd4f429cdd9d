"""Each command with each of its options, over both protocols, decoded or not.

Timeouts are hours long where a session must still be live, however slow the machine is.
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta, timezone

import pytest
import redis
from support.servers import GRACE, REPOSITORY, Process

from redis_session_client import (
    AsyncSessions,
    BadJSON,
    BadSchema,
    Conflict,
    Invalid,
    NoSchema,
    NoSession,
    OtherUser,
    Raw,
    SessionError,
    Sessions,
    Stale,
    Violation,
    WrongType,
    key_of_token,
)


def test_create_gives_a_token_whose_hash_is_the_key(sessions: Sessions, prefix: str) -> None:
    created = sessions.create(f"{prefix}*", {"n": 1})
    assert len(created.token) == 43
    digest = hashlib.sha256(created.token.encode()).hexdigest()
    assert created.key == f"{prefix}t{digest[:32]}" == key_of_token(prefix, created.token)


def test_create_without_token_gives_a_bare_id(sessions: Sessions, prefix: str) -> None:
    created = sessions.create(f"{prefix}*", {}, token=False)
    assert created.token == ""
    assert len(created.key) == len(prefix) + 32


def test_create_needs_a_pattern(sessions: Sessions, prefix: str) -> None:
    with pytest.raises(ValueError, match="ends in"):
        sessions.create(f"{prefix}x", {})


def test_a_token_does_not_show_in_a_repr(sessions: Sessions, prefix: str) -> None:
    created = sessions.create(f"{prefix}*", {"secret": "s3cr3t"})
    assert created.token not in repr(created)
    assert "s3cr3t" not in repr(sessions.get(created.key))


def test_create_takes_every_option(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}s", {"type": "object"})
    key = sessions.create(
        f"{prefix}*", {}, schema=f"{prefix}s", user=f"{prefix}ada", px=9_000_000, pidle=3_000_000
    ).key
    info = sessions.info(key)
    assert info is not None
    assert (info.schema, info.user, info.idle) == (f"{prefix}s", f"{prefix}ada", 3_000_000)
    assert info.deadline == info.created + 9_000_000
    assert info.authenticated == info.created == info.issued
    assert info.version == 1
    assert info.bytes == 2
    assert info.ttl is not None
    assert info.ttl <= 3_000_000


def test_create_as_makes_a_session_once(sessions: Sessions, prefix: str) -> None:
    key = f"{prefix}own"
    assert sessions.create_as(key, {"n": 1}, user=f"{prefix}ada") is True
    assert sessions.create_as(key, {"n": 2}) is False
    found = sessions.get(key)
    assert found is not None
    assert found.data == {"n": 1}


def test_set_replaces_what_is_live_and_nothing_else(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"n": 1}).key
    sessions.set(key, {"n": 2}, if_version=1)
    with pytest.raises(Conflict) as conflict:
        sessions.set(key, {"n": 3}, if_version=1)
    assert conflict.value.version == 2
    assert conflict.value.operation is None
    sessions.delete(key)
    with pytest.raises(NoSession):
        sessions.set(key, {"n": 4})
    assert sessions.get(key) is None


def test_set_changes_schema_and_expiry(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"n": 1}).key
    sessions.schema_set(f"{prefix}s", {"required": ["n"]})
    sessions.set(key, {"n": 2}, schema=f"{prefix}s", persist=True, idle=3600)
    info = sessions.info(key)
    assert info is not None
    assert (info.schema, info.deadline, info.idle) == (f"{prefix}s", None, 3_600_000)


def test_data_keeps_its_bytes(sessions: Sessions, prefix: str) -> None:
    text = '{ "é": 1.50, "big": 12345678901234567890123 }'
    key = sessions.create(f"{prefix}*", Raw(text)).key
    found = sessions.get(key)
    assert found is not None
    assert found.text == text
    assert found.data == {"é": 1.5, "big": 12345678901234567890123}


def test_data_that_is_falsy_is_found(sessions: Sessions, prefix: str) -> None:
    falsy: tuple[object, ...] = (None, 0, "", [], {}, False)
    for data in falsy:
        found = sessions.get(sessions.create(f"{prefix}*", data).key)
        assert found
        assert found.data == data


def test_nan_is_no_data(sessions: Sessions, prefix: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        sessions.create(f"{prefix}*", float("nan"))


def test_get_with_info_and_without_touch(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"n": 1}, pidle=3_600_000).key
    found = sessions.get(key, with_info=True, no_touch=True)
    assert found is not None
    assert found.data == {"n": 1}
    assert found.info.accessed == found.info.created
    assert sessions.get(f"{prefix}nobody", with_info=True) is None


def test_get_paths_tells_nothing_there_from_no_session(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"a": [1, None], "é/": {"b": "c"}}).key
    assert sessions.get_paths(key, "/a/0") == {"/a/0": 1}
    assert sessions.get_paths(key, "/a/1") == {"/a/1": None}
    assert sessions.get_paths(key, "/x") == {}
    assert sessions.get_paths(key, "/a", "/x", "/é~1/b") == {"/a": [1, None], "/é~1/b": "c"}
    assert sessions.get_paths(f"{prefix}nobody", "/a") is None
    assert sessions.get_paths(f"{prefix}nobody", "/a", "/b") is None
    with pytest.raises(ValueError, match="pointer"):
        sessions.get_paths(key)


def test_verify_names_what_is_wrong(sessions: Sessions, prefix: str) -> None:
    name = f"{prefix}admin"
    sessions.schema_set(
        name, {"required": ["role", "a", "b", "c"], "properties": {"n": {"type": "string"}}}
    )
    key = sessions.create(f"{prefix}*", {"n": 1}).key
    assert sessions.verify(key) is not None
    with pytest.raises(Invalid) as invalid:
        sessions.verify(key, name)
    assert invalid.value.schema == name
    assert Violation("", 'required "role"') in invalid.value.violations
    assert Violation("/n", "type string") in invalid.value.violations
    assert invalid.value.more == 0
    assert isinstance(invalid.value, redis.ResponseError)


def test_verify_says_how_many_more_violations_there_are(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}s", {"required": list("abcdefg")})
    key = sessions.create(f"{prefix}*", {}).key
    with pytest.raises(Invalid) as invalid:
        sessions.verify(key, f"{prefix}s")
    assert len(invalid.value.violations) == 5
    assert invalid.value.more == 2


def test_verify_checks_several_schemas_and_freshness(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}a", True)
    sessions.schema_set(f"{prefix}b", False)
    key = sessions.create(f"{prefix}*", {}, user=f"{prefix}ada").key
    found = sessions.verify(key, f"{prefix}a", fresh=3600, with_info=True, no_touch=True)
    assert found is not None
    assert found.info.user == f"{prefix}ada"
    with pytest.raises(Invalid):
        sessions.verify(key, f"{prefix}a", f"{prefix}b")
    with pytest.raises(NoSchema) as missing:
        sessions.verify(key, f"{prefix}c'd")
    assert missing.value.name == f"{prefix}c'd"
    with pytest.raises(Stale):
        sessions.verify(sessions.create(f"{prefix}*", {}).key, fresh=60)
    assert sessions.verify(f"{prefix}nobody", f"{prefix}b") is None


def test_touch_records_and_changes_timeouts(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {}).key
    assert sessions.touch(key, exat=int(time.time()) + 7200, idle=3600) is True
    info = sessions.info(key)
    assert info is not None
    assert info.idle == 3_600_000
    assert sessions.touch(key, idle=0) is True
    assert sessions.touch(f"{prefix}nobody") is False


def test_times_may_be_spans_and_moments(sessions: Sessions, prefix: str) -> None:
    at = datetime.now(timezone.utc) + timedelta(hours=1)
    key = sessions.create(f"{prefix}*", {}, exat=at, idle=timedelta(minutes=50)).key
    info = sessions.info(key)
    assert info is not None
    assert info.deadline == int(at.timestamp() * 1000)
    assert info.idle == 3_000_000
    with pytest.raises(ValueError, match="time zone"):
        sessions.touch(key, exat=datetime.now())
    with pytest.raises(TypeError, match="takes an int"):
        sessions.touch(key, ex="60")  # type: ignore[arg-type]
    with pytest.raises(SessionError, match="invalid expire time"):
        sessions.touch(key, ex=0)


def test_patch_merges_or_applies_operations(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"a": 1, "l": []}).key
    assert sessions.patch(key, {"a": None, "b": 2}) == 2
    assert sessions.patch(key, [{"op": "add", "path": "/l/-", "value": 3}], if_version=2) == 3
    found = sessions.get(key)
    assert found is not None
    assert found.data == {"l": [3], "b": 2}
    with pytest.raises(Conflict) as conflict:
        sessions.patch(key, [{"op": "test", "path": "", "value": 0}])
    assert conflict.value.operation == 0
    assert conflict.value.version is None
    with pytest.raises(NoSession):
        sessions.patch(f"{prefix}nobody", {})
    with pytest.raises(BadJSON):
        sessions.patch(key, Raw(b"{"))


def test_patch_changes_expiry(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {}).key
    sessions.patch(key, {"a": 1}, pxat=int(time.time() * 1000) + 7_200_000, idle=3600)
    info = sessions.info(key)
    assert info is not None
    assert info.idle == 3_600_000


def test_pop_reads_once(sessions: Sessions, prefix: str) -> None:
    key = sessions.create(f"{prefix}*", {"code": "9041", "a": 1}).key
    assert sessions.pop(key, "/code") == {"/code": "9041"}
    assert sessions.pop(key, "/code") == {}
    assert sessions.pop(key, "/a", "/code") == {"/a": 1}
    with pytest.raises(NoSession):
        sessions.pop(f"{prefix}nobody", "/a")


def test_rotate_takes_every_option(sessions: Sessions, prefix: str) -> None:
    sessions.schema_set(f"{prefix}s", {"required": ["name"]})
    old = sessions.create(f"{prefix}*", {"cart": [7]}).key
    new = sessions.rotate(
        old, f"{prefix}*", user=f"{prefix}ada", patch={"name": "ada"}, schema=f"{prefix}s", ex=3600
    )
    assert sessions.get(old) is None
    found = sessions.get(key_of_token(prefix, new.token), with_info=True)
    assert found is not None
    assert found.data == {"cart": [7], "name": "ada"}
    assert (found.info.user, found.info.schema) == (f"{prefix}ada", f"{prefix}s")
    bare = sessions.rotate(new.key, f"{prefix}*", token=False, grace=GRACE)
    assert bare.token == ""
    assert sessions.get(new.key) == sessions.get(bare.key) is not None
    with pytest.raises(OtherUser):
        sessions.rotate(bare.key, f"{prefix}*", user="eve")
    with pytest.raises(NoSession):
        sessions.rotate(new.key, f"{prefix}*")


def test_delete_counts_what_was_live(sessions: Sessions, raw: redis.Redis, prefix: str) -> None:
    keys = [sessions.create(f"{prefix}*", {}).key for _ in range(3)]
    assert sessions.delete(*keys, f"{prefix}nobody") == 3
    assert sessions.delete() == 0
    raw.set(f"{prefix}str", "x")
    with pytest.raises(WrongType):
        sessions.delete(f"{prefix}str")
    with pytest.raises(WrongType):
        sessions.get(f"{prefix}str")


def test_list_and_revoke_know_a_users_sessions(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = [sessions.create(f"{prefix}*", {"n": n}, user=user).key for n in range(4)]
    sessions.create(f"{prefix}*", {}, user=f"{prefix}bob")
    listed = sessions.list(user, "/n", "/x")
    assert {s.key: s.values for s in listed} == {k: {"/n": n} for n, k in enumerate(keys)}
    assert all(s.info.user == user for s in listed)
    assert [s.info.accessed for s in listed] == sorted(
        (s.info.accessed for s in listed), reverse=True
    )
    assert [s.values for s in sessions.list(user)] == [{}] * 4
    assert sessions.revoke(user, only=[keys[0]]) == 1
    assert sessions.revoke(user, only=[]) == 0
    assert sessions.revoke(user, keep=[keys[1]]) == 2
    assert [s.key for s in sessions.list(user)] == [keys[1]]
    assert sessions.revoke(user) == 1
    assert sessions.list(user) == []
    assert len(sessions.list(f"{prefix}bob")) == 1


def test_max_sessions_ends_the_oldest(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    for n in range(3):
        sessions.create(f"{prefix}*", {"n": n}, user=user, max_sessions=2)
        time.sleep(0.003)  # accesses of the same millisecond have no order
    assert {s.values["/n"] for s in sessions.list(user, "/n")} == {1, 2}
    visitor = sessions.create(f"{prefix}*", {"n": 3}).key
    sessions.rotate(visitor, f"{prefix}*", user=user, max_sessions=1)
    assert [s.values["/n"] for s in sessions.list(user, "/n")] == [3]


def test_schemas_are_set_read_listed_and_removed(sessions: Sessions, prefix: str) -> None:
    name = f"{prefix}s"
    sessions.schema_set(name, Raw('{"type": "object"}'), assert_format=True, prefix=f"{prefix}k:")
    assert sessions.schema_get(name) == '{"type": "object"}'
    entry = next(e for e in sessions.schema_list() if e.name == name)
    assert entry.digest == hashlib.sha256(b'{"type": "object"}').hexdigest()
    assert entry.assert_format is True
    assert entry.prefix == f"{prefix}k:"
    with pytest.raises(Invalid):
        sessions.create(f"{prefix}k:*", [])
    with pytest.raises(Conflict):
        sessions.schema_set(name, {"type": "array"}, nx=True)
    with pytest.raises(BadSchema):
        sessions.schema_set(f"{prefix}bad", {"type": "none"})
    assert sessions.schema_delete(name, f"{prefix}nix") == 1
    assert sessions.schema_delete() == 0
    assert sessions.schema_get(name) is None


def test_errors_of_core_stay_what_they_are(server: Process, raw: redis.Redis, prefix: str) -> None:
    name = prefix.strip(":")
    raw.execute_command("ACL", "SETUSER", name, "on", ">pw", "~*", "+session.get")
    with (
        server.client(username=name, password="pw") as client,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        Sessions(client).create(f"{prefix}*", {})
    raw.execute_command("ACL", "DELUSER", name)


async def test_the_asynchronous_commands_do_the_same(asessions: AsyncSessions, prefix: str) -> None:
    user = f"{prefix}ada"
    created = await asessions.create(f"{prefix}*", {"n": 1}, idle=3600)
    assert await asessions.patch(created.key, {"m": 2}) == 2
    new = await asessions.rotate(created.key, f"{prefix}*", user=user)
    found = await asessions.verify(new.key, fresh=3600, with_info=True)
    assert found is not None
    assert found.data == {"n": 1, "m": 2}
    assert [s.key for s in await asessions.list(user)] == [new.key]
    with pytest.raises(NoSession):
        await asessions.set(created.key, {})
    assert await asessions.revoke(user) == 1
    assert await asessions.get(new.key) is None


def test_one_client_is_made_from_the_other() -> None:
    """After a change of the asynchronous client, tools/make_sync.py has to run."""
    import subprocess
    import sys

    tool = REPOSITORY / "clients" / "python" / "tools" / "make_sync.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
