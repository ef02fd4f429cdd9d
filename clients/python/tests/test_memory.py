"""MemoryBackend does what the server does."""

from __future__ import annotations

import sys

import httpx
import pytest
from support import shop

from redis_session_client import Conflict, NoSession, OtherUser, SessionError, Stale
from redis_session_client.fastapi import MemoryBackend, SessionManager
from redis_session_client.web.login import login


async def test_memory_keeps_and_says_that_it_checks_no_schema() -> None:
    backend = MemoryBackend()
    assert backend.checks_schemas is False
    ticket = await backend.create({"n": 1}, schema="whatever")
    found = await backend.verify(ticket, ["no such schema"])
    assert found is not None
    assert found.data == {"n": 1}
    assert await backend.patch(ticket, {"m": 2}, if_version=1) == 2
    with pytest.raises(Conflict):
        await backend.patch(ticket, {}, if_version=1)
    assert await backend.pop(ticket, "/m", "/x") == {"/m": 2}
    assert await backend.end(ticket) is True
    assert await backend.end(ticket) is False
    with pytest.raises(NoSession):
        await backend.set(ticket, {})


async def test_memory_expires() -> None:
    backend = MemoryBackend()
    # Timeouts of an hour, so that the time this test takes makes no difference.
    deadline = await backend.create({}, ex=3600)
    idle = await backend.create({}, idle=3600)
    forever = await backend.create({}, persist=True)
    default = await backend.create({})
    backend.advance(2400)
    for ticket in (deadline, idle):
        assert await backend.verify(ticket) is not None
    backend.advance(2400)
    assert await backend.verify(deadline) is None
    assert await backend.verify(idle, no_touch=True) is not None
    backend.advance(2400)
    assert await backend.verify(idle) is None
    backend.advance(6 * 3600)
    assert await backend.verify(default) is None
    assert await backend.verify(forever) is not None


async def test_memory_rotates() -> None:
    backend = MemoryBackend()
    old = await backend.create({"n": 1})
    new = await backend.rotate(old, grace=3_600_000)
    await backend.patch(old, {"late": True})
    found = await backend.verify(new)
    assert found is not None
    assert found.data == {"n": 1, "late": True}
    with pytest.raises(NoSession):
        await backend.rotate(old)
    backend.advance(3601)
    assert await backend.verify(old) is None
    newer = await backend.rotate(new, user="ada")
    assert await backend.verify(new) is None
    with pytest.raises(OtherUser):
        await backend.rotate(newer, user="eve")
    backend.advance(60)
    with pytest.raises(Stale):
        await backend.verify(newer, fresh=30)


async def test_memory_lists_limits_and_ends_devices() -> None:
    backend = MemoryBackend()
    tickets = []
    for n in range(3):
        tickets.append(await backend.create({"n": n}, user="ada", max_sessions=2))
        backend.advance(1)
    devices = await backend.devices("ada", "/n", current=tickets[2])
    assert [(d.values, d.current) for d in devices] == [({"/n": 2}, True), ({"/n": 1}, False)]
    assert await backend.end_device("eve", devices[1].handle) is False
    assert await backend.end_device("ada", devices[1].handle) is True
    assert await backend.end_all("ada", keep=tickets[2]) == 0
    assert await backend.end_all("ada") == 1


async def test_memory_lists_in_the_order_of_the_server() -> None:
    backend = MemoryBackend()
    # An hour apart, so that the time this test takes makes no difference.
    tickets = []
    for n in range(3):
        tickets.append(await backend.create({"n": n}, user="ada"))
        backend.advance(3600)
    await backend.verify(tickets[1])
    await backend.verify(tickets[2], no_touch=True)
    assert [d.values["/n"] for d in await backend.devices("ada", "/n")] == [1, 2, 0]
    # A login in another session ends the two that were accessed least recently.
    await backend.create({"n": 3}, user="ada", max_sessions=2)
    assert [d.values["/n"] for d in await backend.devices("ada", "/n")] == [3, 1]


async def test_memory_believes_no_time_in_the_future() -> None:
    backend = MemoryBackend()
    sound = await backend.create({"n": "sound"}, user="ada", persist=True)
    backend.advance(3600)
    ahead = await backend.create({"n": "ahead"}, user="ada", idle=1800, persist=True)
    await backend.verify(sound, fresh=7200)
    backend.advance(-3599)  # the clock had been wrong
    with pytest.raises(Stale, match="lies in the future"):
        await backend.verify(ahead, fresh=3600)
    later = await backend.create({"n": "later"}, user="ada", persist=True)
    listed = [d.values["/n"] for d in await backend.devices("ada", "/n")]
    assert listed == ["later", "sound", "ahead"]
    # The next access puts the times right. Nobody is taken for freshly authenticated.
    found = await backend.verify(ahead)
    assert found is not None
    new = await backend.verify(later, no_touch=True)
    assert new is not None
    assert new.info.accessed <= found.info.accessed < new.info.accessed + 1_800_000
    assert found.info.created == found.info.issued == found.info.accessed
    assert found.info.authenticated == 0
    with pytest.raises(Stale, match="seconds ago"):
        await backend.verify(ahead, fresh=3600)
    backend.advance(1801)
    assert await backend.verify(ahead) is None


async def test_memory_believes_a_clock_that_is_a_little_ahead() -> None:
    backend = MemoryBackend()
    ticket = await backend.create({}, user="ada")
    first = await backend.verify(ticket)
    backend.advance(-30)
    assert first is not None
    again = await backend.verify(ticket, fresh=3600)
    assert again is not None
    assert again.info.accessed >= first.info.accessed


async def test_memory_logs_in_as_the_server_does() -> None:
    backend = MemoryBackend()
    visitor = await backend.create({"cart": [7]})
    ada = await login(backend, visitor, "ada", {"name": "ada"})
    found = await backend.verify(ada)
    assert found is not None
    assert found.data == {"cart": [7], "name": "ada"}
    eve = await login(backend, ada, "eve", {"name": "eve", "gone": None})
    found = await backend.verify(eve)
    assert found is not None
    assert found.data == {"name": "eve"}
    assert await backend.verify(ada) is None


async def test_memory_takes_pointers_and_json_patches() -> None:
    backend = MemoryBackend()
    ticket = await backend.create({"l": [1, 2, 3], "a/b": {"c": None}}, user="ada")
    changes = [{"op": "add", "path": "/l/-", "value": 4}, {"op": "remove", "path": "/l/0"}]
    assert await backend.patch(ticket, changes) == 2
    with pytest.raises(Conflict) as conflict:
        await backend.patch(ticket, [*changes, {"op": "test", "path": "/l/0", "value": 9}])
    assert conflict.value.operation == 2
    assert await backend.pop(ticket, "/l/0", "/l/2", "/a~1b/c", "/x") == {
        "/l/0": 2,
        "/l/2": 4,
        "/a~1b/c": None,
    }
    found = await backend.verify(ticket)
    assert found is not None
    assert found.data == {"l": [3], "a/b": {}}
    (device,) = await backend.devices("ada", "/l/0", "/x")
    assert device.values == {"/l/0": 3}


@pytest.mark.parametrize("wrong", [{"op": "no"}, {"op": "add", "path": "a", "value": 1}, {}, 5])
async def test_memory_refuses_what_is_no_json_patch(wrong: object) -> None:
    backend = MemoryBackend()
    ticket = await backend.create({})
    changes = [{"op": "add", "path": "/n", "value": 1}, wrong]
    with pytest.raises(SessionError, match=r"no JSON Patch .*: operation 1: "):
        await backend.patch(ticket, changes)


async def test_without_the_library_an_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = MemoryBackend()
    ticket = await backend.create({}, user="ada")
    for name in ("jsonpatch", "jsonpointer"):
        monkeypatch.setitem(sys.modules, name, None)
    assert await backend.patch(ticket, {"n": 1}) == 2
    assert await backend.pop(ticket, "/n") == {"/n": 1}
    deep = [{"op": "add", "path": "/a/b", "value": 1}]
    for call in (backend.patch(ticket, deep), backend.pop(ticket, "/a/b")):
        with pytest.raises(ImportError, match=r"redis-session-client\[storage\]"):
            await call


async def test_an_application_can_be_tested_without_a_server() -> None:
    backend = MemoryBackend()
    app = shop.make(SessionManager(backend, insecure=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        assert (await browser.get("/read")).status_code == 401
        await browser.post("/add", params={"item": 7})
        await browser.post("/add", params={"item": 8})
        await browser.post("/login", params={"user": "ada"})
        assert (await browser.get("/read")).json()["data"]["items"] == [7, 8]
        assert len((await browser.get("/devices")).json()["devices"]) == 1
        await browser.post("/rotate")
        assert (await browser.get("/read")).status_code == 200
        backend.advance(7 * 3600)
        assert (await browser.get("/read")).status_code == 401
