"""Checks of a Backend: what the web frameworks rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ..errors import Conflict, NoSession, OtherUser
from ..web.protocol import Backend
from .common import must, new_name

BackendCheck: TypeAlias = Callable[[Backend], Awaitable[None]]


async def a_session_lives_until_it_is_ended(backend: Backend) -> None:
    ticket = await backend.create({"n": 1})
    must("shaped for a ticket", be=True, was=backend.shaped(ticket))
    found = await backend.verify(ticket)
    must("the data", be={"n": 1}, was=found and found.data)
    must("the new version", be=2, was=await backend.patch(ticket, {"m": [2], "n": None}))
    changes = [{"op": "add", "path": "/m/-", "value": 3}]
    must("the version after that", be=3, was=await backend.patch(ticket, changes))
    must("pop", be={"/m/0": 2}, was=await backend.pop(ticket, "/m/0", "/x"))
    found = await backend.verify(ticket, no_touch=True)
    must("the data", be={"m": [3]}, was=found and found.data)
    await backend.set(ticket, "text")
    must("retired, of a live session", be=False, was=await backend.retired(ticket))
    must("end", be=True, was=await backend.end(ticket))
    must("end, again", be=False, was=await backend.end(ticket))
    must("verify after the end", be=None, was=await backend.verify(ticket))
    must("retired", be=True, was=await backend.retired(ticket))
    await _raises(NoSession, backend.patch(ticket, {}))


async def a_stale_version_conflicts(backend: Backend) -> None:
    ticket = await backend.create({})
    await backend.patch(ticket, {"n": 1}, if_version=1)
    await _raises(Conflict, backend.patch(ticket, {"n": 2}, if_version=1))
    await _raises(Conflict, backend.set(ticket, {}, if_version=1))
    found = await backend.verify(ticket)
    must("the data", be={"n": 1}, was=found and found.data)


async def changes_at_the_same_time_are_all_kept(backend: Backend) -> None:
    ticket = await backend.create({})
    await asyncio.gather(*(backend.patch(ticket, {f"m{n}": n}) for n in range(10)))
    found = await backend.verify(ticket)
    must("the members", be={f"m{n}": n for n in range(10)}, was=found and found.data)


async def a_rotation_replaces_the_ticket(backend: Backend) -> None:
    first = await backend.create({"n": 1})
    second = await backend.rotate(first, grace=3_600_000, patch={"m": 2})
    for ticket in (first, second):
        found = await backend.verify(ticket)
        must("the data", be={"n": 1, "m": 2}, was=found and found.data)
    third = await backend.rotate(second)
    for ticket in (first, second):
        must("verify of an old ticket", be=None, was=await backend.verify(ticket))
        must("retired", be=True, was=await backend.retired(ticket))
    must("retired, of the present one", be=False, was=await backend.retired(third))
    await _raises(NoSession, backend.rotate(second))


async def of_rotations_at_the_same_time_one_wins(backend: Backend) -> None:
    ticket = await backend.create({})
    results = await asyncio.gather(
        *(backend.rotate(ticket) for _ in range(5)), return_exceptions=True
    )
    won = [result for result in results if isinstance(result, str)]
    must("rotations that succeed", be=1, was=len(won))
    must("the new session", be=True, was=await backend.verify(won[0]) is not None)


async def a_login_names_the_user(backend: Backend) -> None:
    user = new_name()
    ticket = await backend.rotate(await backend.create({}), user=user)
    found = await backend.verify(ticket, fresh=3600)
    must("the user", be=user, was=found and found.info.user)
    await _raises(OtherUser, backend.rotate(ticket, user=new_name()))
    await backend.rotate(ticket, user=user)


async def a_users_devices_are_listed_and_ended(backend: Backend) -> None:
    user = new_name()
    tickets = [await backend.create({"n": n}, user=user) for n in range(4)]
    devices = await backend.devices(user, "/n", current=tickets[0])
    values = sorted(device.values["/n"] for device in devices)
    must("the devices", be=[0, 1, 2, 3], was=values)
    (own,) = [device for device in devices if device.current]
    must("the current device", be=0, was=own.values["/n"])
    must("no ticket", be=False, was=own.handle in tickets or backend.shaped(own.handle))
    other = next(device for device in devices if device.values["/n"] == 1)
    must("end of others' device", be=False, was=await backend.end_device(new_name(), other.handle))
    must("end of a device", be=True, was=await backend.end_device(user, other.handle))
    must("that session", be=None, was=await backend.verify(tickets[1]))
    must("end of all but one", be=2, was=await backend.end_all(user, keep=tickets[0]))
    must("the one", be=True, was=await backend.verify(tickets[0]) is not None)
    must("end of all", be=1, was=await backend.end_all(user))
    must("devices after that", be=[], was=await backend.devices(user))


async def a_login_ends_the_sessions_beyond_the_limit(backend: Backend) -> None:
    user = new_name()
    tickets = [await backend.create({}, user=user, max_sessions=2) for _ in range(3)]
    must("devices", be=2, was=len(await backend.devices(user)))
    must("the new session", be=True, was=await backend.verify(tickets[2]) is not None)


async def timeouts_are_kept(backend: Backend) -> None:
    ticket = await backend.create({}, ex=3600, idle=1800)
    found = await backend.verify(ticket)
    must("a deadline", be=True, was=found is not None and found.info.deadline is not None)
    must("the idle timeout", be=1_800_000, was=found and found.info.idle)
    await backend.patch(ticket, {}, persist=True, idle=0)
    found = await backend.verify(ticket)
    must("the deadline", be=None, was=found and found.info.deadline)
    must("the idle timeout", be=None, was=found and found.info.idle)
    await has_ended(backend, await backend.create({}, px=1))


async def what_is_no_ticket_opens_nothing(backend: Backend) -> None:
    ticket = await backend.create({})
    wrong = [ticket[:-2] + "AA", "A" * 43, "", "a", ticket + "A", ticket.swapcase(), "ä" * 43]
    for text in (text for text in wrong if text != ticket):
        must(f"verify of {len(text)} wrong characters", be=None, was=await backend.verify(text))
        must("retired of them", be=False, was=await backend.retired(text))
        must("end of them", be=False, was=await backend.end(text))
    must("the session", be=True, was=await backend.verify(ticket) is not None)


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


async def check_backend(backend: Backend) -> None:
    """Calls all BACKEND_CHECKS. AssertionError says what is wrong."""
    for check in BACKEND_CHECKS:
        await check(backend)
