"""Checks of a Storage: each method alone, and writers at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ..web.storage import Storage, Stored
from .common import must, new_name

StorageCheck: TypeAlias = Callable[[Storage], Awaitable[None]]


def _record(text: str = "{}", user: str | None = None, expires: int | None = None) -> Stored:
    return Stored(text, 1, user, expires)


async def a_record_comes_back_as_it_was_added(storage: Storage) -> None:
    texts = ["{}", '{"a":"\\u00e4 \'\\" %s ? \\\\ \\u0000"}', '"' + "x" * 100_000 + '"']
    records = [_record(text) for text in texts]
    records += [_record(user="ada ä 🙂"), _record(expires=9_007_199_254_740_991)]
    for record in records:
        key = new_name()
        must("get of a key without a record", be=None, was=await storage.get(key))
        must("add of a new record", be=True, was=await storage.add(key, record))
        found = await storage.get(key)
        must("get after add", be=record, was=found)
        must("the text after add", be=record.text, was=found and found.text)


async def add_overwrites_nothing(storage: Storage) -> None:
    key = new_name()
    await storage.add(key, _record('"first"'))
    must("a second add", be=False, was=await storage.add(key, _record('"second"')))
    must("get after both", be=_record('"first"'), was=await storage.get(key))


async def replace_needs_the_revision(storage: Storage) -> None:
    key = new_name()
    second = Stored('"second"', 2, "ada", 1)
    must("replace without a record", be=False, was=await storage.replace(key, second, 1))
    must("get after that", be=None, was=await storage.get(key))
    await storage.add(key, _record('"first"'))
    must("replace of revision 1", be=True, was=await storage.replace(key, second, 1))
    must("replace of revision 1 again", be=False, was=await storage.replace(key, second, 1))
    must("get after that", be=second, was=await storage.get(key))
    third = Stored('"third"', 3, None, None)
    must("replace of revision 2", be=True, was=await storage.replace(key, third, 2))
    must("get after that", be=third, was=await storage.get(key))


async def remove_needs_the_revision(storage: Storage) -> None:
    key = new_name()
    must("remove without a record", be=False, was=await storage.remove(key, 1))
    await storage.add(key, _record())
    must("remove of another revision", be=False, was=await storage.remove(key, 2))
    must("get after that", be=_record(), was=await storage.get(key))
    must("remove of the revision", be=True, was=await storage.remove(key, 1))
    must("get after that", be=None, was=await storage.get(key))


async def keys_are_found_by_user(storage: Storage) -> None:
    ada, eve, keys = new_name(), new_name(), [new_name() for _ in range(3)]
    must("keys_of an unknown user", be=[], was=await storage.keys_of(ada))
    for key in keys:
        await storage.add(key, _record(user=ada))
    await storage.add(new_name(), _record(user=eve))
    await storage.add(new_name(), _record())
    must("keys_of a user", be=sorted(keys), was=sorted(await storage.keys_of(ada)))
    await storage.replace(keys[0], Stored("{}", 2, None, None), 1)
    await storage.replace(keys[1], Stored("{}", 2, eve, None), 1)
    must("keys_of after two changes", be=keys[2:], was=await storage.keys_of(ada))
    await storage.remove(keys[2], 1)
    must("keys_of after a removal", be=[], was=await storage.keys_of(ada))


async def users_and_keys_are_compared_exactly(storage: Storage) -> None:
    user, key = new_name(), new_name()
    await storage.add(key, _record(user=user + "%"))
    for other in (user, user + "_", (user + "%").upper(), user + "% "):
        must(f"keys_of {other!r}", be=[], was=await storage.keys_of(other))
    for name in (key.upper(), key[:-1], key + " "):
        must(f"get of {name!r}", be=None, was=await storage.get(name))


async def of_writers_at_the_same_time_one_wins(storage: Storage) -> None:
    key = new_name()
    added = await asyncio.gather(*(storage.add(key, _record(f"{n}")) for n in range(10)))
    must("ten adds at the same time", be=1, was=sum(added))
    records = [Stored(f"{n}", 2, None, None) for n in range(10)]
    replaced = await asyncio.gather(*(storage.replace(key, record, 1) for record in records))
    must("ten replaces at the same time", be=1, was=sum(replaced))
    winner = records[replaced.index(True)]
    must("get after them", be=winner, was=await storage.get(key))
    removed = await asyncio.gather(*(storage.remove(key, 2) for _ in range(10)))
    must("ten removes at the same time", be=1, was=sum(removed))


STORAGE_CHECKS: tuple[StorageCheck, ...] = (
    a_record_comes_back_as_it_was_added,
    add_overwrites_nothing,
    replace_needs_the_revision,
    remove_needs_the_revision,
    keys_are_found_by_user,
    users_and_keys_are_compared_exactly,
    of_writers_at_the_same_time_one_wins,
)


async def check_storage(storage: Storage) -> None:
    """Calls all STORAGE_CHECKS. AssertionError says what is wrong."""
    for check in STORAGE_CHECKS:
        await check(storage)
