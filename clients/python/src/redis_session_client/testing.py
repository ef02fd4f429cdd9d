"""Checks for a Storage or a Backend of your own, to be called by its tests.

    @pytest.mark.parametrize("check", testing.STORAGE_CHECKS, ids=lambda check: check.__name__)
    async def test_storage(check):
        await check(MyStorage(...))

Each check is a function that takes the storage (or the backend), uses random keys and users, and
raises AssertionError with what is wrong. `check_storage` and `check_backend` call them all. They
need the extra `storage`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from .errors import Conflict, NoSession, OtherUser
from .web.protocol import Backend
from .web.storage import Storage, Stored

StorageCheck: TypeAlias = Callable[[Storage], Awaitable[None]]
BackendCheck: TypeAlias = Callable[[Backend], Awaitable[None]]

__all__ = ["BACKEND_CHECKS", "STORAGE_CHECKS", "check_backend", "check_storage"]


def _name() -> str:
    return f"check:{secrets.token_hex(8)}"


def _record(text: str = "{}", user: str | None = None, expires: int | None = None) -> Stored:
    return Stored(text, 1, user, expires)


def _must(what: str, *, be: object, was: object) -> None:
    # No assert statement: this has to work with python -O too.
    if was != be:
        raise AssertionError(f"{what}: expected {be!r}, got {was!r}")


async def a_record_comes_back_as_it_was_added(storage: Storage) -> None:
    texts = ["{}", '{"a":"\\u00e4 \'\\" %s ? \\\\ \\u0000"}', '"' + "x" * 100_000 + '"']
    records = [_record(text) for text in texts]
    records += [_record(user="ada ä 🙂"), _record(expires=9_007_199_254_740_991)]
    for record in records:
        key = _name()
        _must("get of a key without a record", be=None, was=await storage.get(key))
        _must("add of a new record", be=True, was=await storage.add(key, record))
        found = await storage.get(key)
        _must("get after add", be=record, was=found)
        _must("the text after add", be=record.text, was=found and found.text)


async def add_overwrites_nothing(storage: Storage) -> None:
    key = _name()
    await storage.add(key, _record('"first"'))
    _must("a second add", be=False, was=await storage.add(key, _record('"second"')))
    _must("get after both", be=_record('"first"'), was=await storage.get(key))


async def replace_needs_the_revision(storage: Storage) -> None:
    key = _name()
    second = Stored('"second"', 2, "ada", 1)
    _must("replace without a record", be=False, was=await storage.replace(key, second, 1))
    _must("get after that", be=None, was=await storage.get(key))
    await storage.add(key, _record('"first"'))
    _must("replace of revision 1", be=True, was=await storage.replace(key, second, 1))
    _must("replace of revision 1 again", be=False, was=await storage.replace(key, second, 1))
    _must("get after that", be=second, was=await storage.get(key))
    third = Stored('"third"', 3, None, None)
    _must("replace of revision 2", be=True, was=await storage.replace(key, third, 2))
    _must("get after that", be=third, was=await storage.get(key))


async def remove_needs_the_revision(storage: Storage) -> None:
    key = _name()
    _must("remove without a record", be=False, was=await storage.remove(key, 1))
    await storage.add(key, _record())
    _must("remove of another revision", be=False, was=await storage.remove(key, 2))
    _must("get after that", be=_record(), was=await storage.get(key))
    _must("remove of the revision", be=True, was=await storage.remove(key, 1))
    _must("get after that", be=None, was=await storage.get(key))


async def keys_are_found_by_user(storage: Storage) -> None:
    ada, eve, keys = _name(), _name(), [_name() for _ in range(3)]
    _must("keys_of an unknown user", be=[], was=await storage.keys_of(ada))
    for key in keys:
        await storage.add(key, _record(user=ada))
    await storage.add(_name(), _record(user=eve))
    await storage.add(_name(), _record())
    _must("keys_of a user", be=sorted(keys), was=sorted(await storage.keys_of(ada)))
    await storage.replace(keys[0], Stored("{}", 2, None, None), 1)
    await storage.replace(keys[1], Stored("{}", 2, eve, None), 1)
    _must("keys_of after two changes", be=keys[2:], was=await storage.keys_of(ada))
    await storage.remove(keys[2], 1)
    _must("keys_of after a removal", be=[], was=await storage.keys_of(ada))


async def users_and_keys_are_compared_exactly(storage: Storage) -> None:
    user, key = _name(), _name()
    await storage.add(key, _record(user=user + "%"))
    for other in (user, user + "_", (user + "%").upper(), user + "% "):
        _must(f"keys_of {other!r}", be=[], was=await storage.keys_of(other))
    for name in (key.upper(), key[:-1], key + " "):
        _must(f"get of {name!r}", be=None, was=await storage.get(name))


async def of_writers_at_the_same_time_one_wins(storage: Storage) -> None:
    key = _name()
    added = await asyncio.gather(*(storage.add(key, _record(f"{n}")) for n in range(10)))
    _must("ten adds at the same time", be=1, was=sum(added))
    records = [Stored(f"{n}", 2, None, None) for n in range(10)]
    replaced = await asyncio.gather(*(storage.replace(key, record, 1) for record in records))
    _must("ten replaces at the same time", be=1, was=sum(replaced))
    winner = records[replaced.index(True)]
    _must("get after them", be=winner, was=await storage.get(key))
    removed = await asyncio.gather(*(storage.remove(key, 2) for _ in range(10)))
    _must("ten removes at the same time", be=1, was=sum(removed))


async def a_session_lives_until_it_is_ended(backend: Backend) -> None:
    ticket = await backend.create({"n": 1})
    _must("shaped for a ticket", be=True, was=backend.shaped(ticket))
    found = await backend.verify(ticket)
    _must("the data", be={"n": 1}, was=found and found.data)
    _must("the new version", be=2, was=await backend.patch(ticket, {"m": [2], "n": None}))
    changes = [{"op": "add", "path": "/m/-", "value": 3}]
    _must("the version after that", be=3, was=await backend.patch(ticket, changes))
    _must("pop", be={"/m/0": 2}, was=await backend.pop(ticket, "/m/0", "/x"))
    found = await backend.verify(ticket, no_touch=True)
    _must("the data", be={"m": [3]}, was=found and found.data)
    await backend.set(ticket, "text")
    _must("retired, of a live session", be=False, was=await backend.retired(ticket))
    _must("end", be=True, was=await backend.end(ticket))
    _must("end, again", be=False, was=await backend.end(ticket))
    _must("verify after the end", be=None, was=await backend.verify(ticket))
    _must("retired", be=True, was=await backend.retired(ticket))
    await _raises(NoSession, backend.patch(ticket, {}))


async def a_stale_version_conflicts(backend: Backend) -> None:
    ticket = await backend.create({})
    await backend.patch(ticket, {"n": 1}, if_version=1)
    await _raises(Conflict, backend.patch(ticket, {"n": 2}, if_version=1))
    await _raises(Conflict, backend.set(ticket, {}, if_version=1))
    found = await backend.verify(ticket)
    _must("the data", be={"n": 1}, was=found and found.data)


async def changes_at_the_same_time_are_all_kept(backend: Backend) -> None:
    ticket = await backend.create({})
    await asyncio.gather(*(backend.patch(ticket, {f"m{n}": n}) for n in range(10)))
    found = await backend.verify(ticket)
    _must("the members", be={f"m{n}": n for n in range(10)}, was=found and found.data)


async def a_rotation_replaces_the_ticket(backend: Backend) -> None:
    first = await backend.create({"n": 1})
    second = await backend.rotate(first, grace=3_600_000, patch={"m": 2})
    for ticket in (first, second):
        found = await backend.verify(ticket)
        _must("the data", be={"n": 1, "m": 2}, was=found and found.data)
    third = await backend.rotate(second)
    for ticket in (first, second):
        _must("verify of an old ticket", be=None, was=await backend.verify(ticket))
        _must("retired", be=True, was=await backend.retired(ticket))
    _must("retired, of the present one", be=False, was=await backend.retired(third))
    await _raises(NoSession, backend.rotate(second))


async def of_rotations_at_the_same_time_one_wins(backend: Backend) -> None:
    ticket = await backend.create({})
    results = await asyncio.gather(
        *(backend.rotate(ticket) for _ in range(5)), return_exceptions=True
    )
    won = [result for result in results if isinstance(result, str)]
    _must("rotations that succeed", be=1, was=len(won))
    _must("the new session", be=True, was=await backend.verify(won[0]) is not None)


async def a_login_names_the_user(backend: Backend) -> None:
    user = _name()
    ticket = await backend.rotate(await backend.create({}), user=user)
    found = await backend.verify(ticket, fresh=3600)
    _must("the user", be=user, was=found and found.info.user)
    await _raises(OtherUser, backend.rotate(ticket, user=_name()))
    await backend.rotate(ticket, user=user)


async def a_users_devices_are_listed_and_ended(backend: Backend) -> None:
    user = _name()
    tickets = [await backend.create({"n": n}, user=user) for n in range(4)]
    devices = await backend.devices(user, "/n", current=tickets[0])
    values = sorted(device.values["/n"] for device in devices)
    _must("the devices", be=[0, 1, 2, 3], was=values)
    (own,) = [device for device in devices if device.current]
    _must("the current device", be=0, was=own.values["/n"])
    _must("no ticket", be=False, was=own.handle in tickets or backend.shaped(own.handle))
    other = next(device for device in devices if device.values["/n"] == 1)
    _must("end of others' device", be=False, was=await backend.end_device(_name(), other.handle))
    _must("end of a device", be=True, was=await backend.end_device(user, other.handle))
    _must("that session", be=None, was=await backend.verify(tickets[1]))
    _must("end of all but one", be=2, was=await backend.end_all(user, keep=tickets[0]))
    _must("the one", be=True, was=await backend.verify(tickets[0]) is not None)
    _must("end of all", be=1, was=await backend.end_all(user))
    _must("devices after that", be=[], was=await backend.devices(user))


async def a_login_ends_the_sessions_beyond_the_limit(backend: Backend) -> None:
    user = _name()
    tickets = [await backend.create({}, user=user, max_sessions=2) for _ in range(3)]
    _must("devices", be=2, was=len(await backend.devices(user)))
    _must("the new session", be=True, was=await backend.verify(tickets[2]) is not None)


async def timeouts_are_kept(backend: Backend) -> None:
    ticket = await backend.create({}, ex=3600, idle=1800)
    found = await backend.verify(ticket)
    _must("a deadline", be=True, was=found is not None and found.info.deadline is not None)
    _must("the idle timeout", be=1_800_000, was=found and found.info.idle)
    await backend.patch(ticket, {}, persist=True, idle=0)
    found = await backend.verify(ticket)
    _must("the deadline", be=None, was=found and found.info.deadline)
    _must("the idle timeout", be=None, was=found and found.info.idle)
    await has_ended(backend, await backend.create({}, px=1))


async def what_is_no_ticket_opens_nothing(backend: Backend) -> None:
    ticket = await backend.create({})
    wrong = [ticket[:-2] + "AA", "A" * 43, "", "a", ticket + "A", ticket.swapcase(), "ä" * 43]
    for text in (text for text in wrong if text != ticket):
        _must(f"verify of {len(text)} wrong characters", be=None, was=await backend.verify(text))
        _must("retired of them", be=False, was=await backend.retired(text))
        _must("end of them", be=False, was=await backend.end(text))
    _must("the session", be=True, was=await backend.verify(ticket) is not None)


async def has_ended(backend: Backend, ticket: str) -> None:
    """Waits until a session that ends by itself has ended; AssertionError after ten seconds."""
    for _ in range(1000):
        if await backend.verify(ticket, no_touch=True) is None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a session of one millisecond does not end")


async def _raises(error: type[Exception], call: Awaitable[object]) -> None:
    try:
        result = await call
    except error:
        return
    raise AssertionError(f"expected {error.__name__}, got {result!r}")


STORAGE_CHECKS: tuple[StorageCheck, ...] = (
    a_record_comes_back_as_it_was_added,
    add_overwrites_nothing,
    replace_needs_the_revision,
    remove_needs_the_revision,
    keys_are_found_by_user,
    users_and_keys_are_compared_exactly,
    of_writers_at_the_same_time_one_wins,
)
BACKEND_CHECKS: tuple[BackendCheck, ...] = (
    a_session_lives_until_it_is_ended,
    a_stale_version_conflicts,
    changes_at_the_same_time_are_all_kept,
    a_rotation_replaces_the_ticket,
    of_rotations_at_the_same_time_one_wins,
    a_login_names_the_user,
    a_users_devices_are_listed_and_ended,
    a_login_ends_the_sessions_beyond_the_limit,
    timeouts_are_kept,
    what_is_no_ticket_opens_nothing,
)


async def check_storage(storage: Storage) -> None:
    """Calls all STORAGE_CHECKS. AssertionError says what is wrong."""
    for check in STORAGE_CHECKS:
        await check(storage)


async def check_backend(backend: Backend) -> None:
    """Calls all BACKEND_CHECKS. AssertionError says what is wrong."""
    for check in BACKEND_CHECKS:
        await check(backend)
