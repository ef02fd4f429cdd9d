"""Storages and backends pass the checks of `testing`, and the checks find what is wrong."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends
from support.servers import Process
from support.web import client, served

from redis_session_client import testing
from redis_session_client.fastapi import MemoryBackend, RedisBackend, StorageBackend
from redis_session_client.testing import BackendCheck, StorageCheck
from redis_session_client.web.storage import DictStorage, Storage, Stored

PAGE = (Path(__file__).parent.parent / "docs" / "own-backend.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def program(path: Path) -> dict[str, Any]:
    """The page's first program, with its database at a path."""
    space: dict[str, Any] = {}
    source = PROGRAMS[0].replace('"sessions.db"', repr(str(path)))
    exec(compile(source, "own-backend", "exec", dont_inherit=True), space)  # noqa: S102
    return space


@pytest.fixture(params=["dict", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    if request.param == "dict":
        yield DictStorage()
        return
    space = program(tmp_path / "first.db")
    await space["sessions"].backend.close()
    own: Storage = space["SqliteStorage"](tmp_path / "sessions.db")
    yield own
    await own.close()


@pytest.mark.parametrize("check", testing.STORAGE_CHECKS)
async def test_storage(check: StorageCheck, storage: Storage) -> None:
    await check(storage)


@pytest.mark.parametrize("check", testing.BACKEND_CHECKS)
async def test_backend_on_a_storage(check: BackendCheck, storage: Storage) -> None:
    await check(StorageBackend(storage))


@pytest.mark.parametrize("check", testing.BACKEND_CHECKS)
async def test_memory_backend(check: BackendCheck) -> None:
    await check(MemoryBackend())


@pytest.mark.parametrize("check", testing.BACKEND_CHECKS)
async def test_redis_backend(check: BackendCheck, server: Process, prefix: str) -> None:
    client = server.async_client()
    try:
        await check(RedisBackend(client, prefix=prefix))
    finally:
        await client.aclose()


async def test_all_checks_can_be_called_at_once() -> None:
    await testing.check_storage(DictStorage())
    await testing.check_backend(MemoryBackend())


class Overwrites(DictStorage):
    async def add(self, key: str, record: Stored) -> bool:
        self._records[key] = record
        return True


class IgnoresRevisions(DictStorage):
    async def replace(self, key: str, record: Stored, revision: int) -> bool:
        return await super().replace(key, record, self._records[key].revision)


class Removes(DictStorage):
    async def remove(self, key: str, revision: int) -> bool:
        return self._records.pop(key, None) is not None


class ForgetsUsers(DictStorage):
    async def keys_of(self, user: str) -> list[str]:
        return []


class IsSlow(DictStorage):
    """Looks, then waits, then writes."""

    async def replace(self, key: str, record: Stored, revision: int) -> bool:
        present = self._records.get(key)
        await asyncio.sleep(0)
        if present is None or present.revision != revision:
            return False
        self._records[key] = record
        return True


class IgnoresCase(DictStorage):
    async def get(self, key: str) -> Stored | None:
        return await super().get(key.lower())


class Trims(DictStorage):
    async def add(self, key: str, record: Stored) -> bool:
        return await super().add(key, replace(record, text=record.text[:1000]))


@pytest.mark.parametrize(
    "wrong", [Overwrites, IgnoresRevisions, Removes, ForgetsUsers, IsSlow, IgnoresCase, Trims]
)
async def test_a_storage_that_is_wrong_fails(wrong: type[DictStorage]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        await testing.check_storage(wrong())


async def test_expired_records_are_removed_when_they_are_met() -> None:
    storage = DictStorage()
    backend = StorageBackend(storage)
    ticket = await backend.create({}, user="ada", px=1)
    await testing.has_ended(backend, ticket)
    assert await storage.keys_of("session:ada") == []
    assert storage._records == {}


async def test_a_record_has_no_ticket_in_it() -> None:
    storage = DictStorage()
    backend = StorageBackend(storage)
    ticket = await backend.create({"n": 1}, user="ada")
    ((key, record),) = storage._records.items()
    assert key == "session:" + ticket[:16]
    assert ticket[16:] not in record.text
    assert record.text.isascii()


async def test_what_a_login_leaves_of_an_ended_session_is_no_data() -> None:
    storage = DictStorage()
    backend = StorageBackend(storage)
    ticket = await backend.create({"secret": "cherry"}, user="ada")
    await backend.end(ticket)
    (record,) = storage._records.values()
    assert "cherry" not in record.text
    assert record.user is None
    assert record.expires is not None


async def test_of_logins_at_the_same_time_at_least_the_last_stays(tmp_path: Path) -> None:
    backend = StorageBackend(program(tmp_path / "first.db")["SqliteStorage"](tmp_path / "db"))
    logins = (backend.create({}, user="ada", max_sessions=1) for _ in range(10))
    tickets = await asyncio.gather(*logins)
    live = [ticket for ticket in tickets if await backend.verify(ticket) is not None]
    assert live
    await backend.create({}, user="ada", max_sessions=1)
    assert len(await backend.devices("ada")) == 1
    await backend.close()


def test_the_program_of_the_page_is_an_application(tmp_path: Path) -> None:
    space = program(tmp_path / "sessions.db")
    sessions, app = space["sessions"], space["app"]

    async def add(item: int, visit: Annotated[Any, Depends(sessions.visit())]) -> bool:
        saved: bool = await visit.save({"item": item})
        return saved

    async def login(visit: Annotated[Any, Depends(sessions.visit())]) -> None:
        await visit.login("ada", {"name": "ada"})

    async def logout(visit: Annotated[Any, Depends(sessions.visit())]) -> None:
        await visit.logout()

    async def read(session: Annotated[Any, Depends(sessions.required())]) -> Any:
        return {"user": session.user, "data": session.data}

    for route in (add, login, logout):
        app.post(f"/{route.__name__}")(route)
    app.get("/read")(read)
    with served(app) as url, client(url) as browser:
        browser.post("/add", params={"item": 7})
        before = browser.cookies["session"]
        browser.post("/login")
        assert browser.get("/read").json() == {"user": "ada", "data": {"item": 7, "name": "ada"}}
        late = browser.get("/read", headers={"Cookie": f"session={before}"})
        assert late.status_code == 401
        browser.post("/logout")
        assert browser.get("/read").status_code == 401


def test_two_processes_share_one_file(tmp_path: Path) -> None:
    """Each adds twenty members to one session; none is lost."""
    path = tmp_path / "sessions.db"
    source = PROGRAMS[0].replace('"sessions.db"', repr(str(path))).split("sessions = ")[0]
    source += f"backend = StorageBackend(SqliteStorage({str(path)!r}))\n"
    begin = source + "print(asyncio.run(backend.create({})))\n"
    ticket = subprocess.run(
        [sys.executable, "-c", begin], check=True, capture_output=True, text=True
    ).stdout.strip()
    change = (
        source + "import sys\n"
        "async def main():\n"
        "    for n in range(20):\n"
        "        await backend.patch(sys.argv[1], {f'{sys.argv[2]}{n}': n})\n"
        "    print(len((await backend.verify(sys.argv[1])).data))\n"
        "asyncio.run(main())\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", change, ticket, name], stdout=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    counts = [int(process.communicate()[0]) for process in both]
    assert max(counts) == 40


def test_the_programs_of_the_page_are_short() -> None:
    lines = [line for line in PROGRAMS[0].splitlines() if line.strip()]
    assert len(lines) <= 62
