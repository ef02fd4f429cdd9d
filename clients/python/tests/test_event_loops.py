"""One manager in several event loops: TestClient without `with`, and programs with asyncio.run."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import redis.asyncio
from fastapi import Depends, FastAPI
from support import shop
from support.inprocess import TestClient
from support.servers import Group, Process

from redis_session_client.fastapi import RedisBackend, SessionManager, Visit


@pytest.fixture
def own() -> Iterator[Process]:
    """A server of the test's own, on which nobody has registered schemas."""
    with Group() as group:
        yield group.start()


@pytest.mark.parametrize("made_from", ["url", "client"])
def test_a_test_client_without_a_context_twice(own: Process, made_from: str) -> None:
    """It runs no start-up code, and every request in another event loop."""
    backend: Any = own.url if made_from == "url" else own.async_client()
    app = shop.make(SessionManager(backend, insecure=True))
    for _ in range(2):
        browser = TestClient(app)
        assert browser.post("/login", params={"user": "ada"}).status_code == 200
        assert browser.get("/read").json()["user"] == "ada"
        assert browser.post("/add", params={"item": 7}).json() == {"saved": True}
        assert browser.get("/read").json()["data"]["items"] == [7]
        assert browser.post("/logout").json() == {"ended": True}


def test_a_test_client_as_a_context_after_one_without(own: Process) -> None:
    app = shop.make(SessionManager(own.url, insecure=True))
    assert TestClient(app).post("/login", params={"user": "ada"}).status_code == 200
    for _ in range(2):
        with TestClient(app) as browser:
            browser.post("/login", params={"user": "ada"})
            assert browser.get("/read").json()["user"] == "ada"


def test_several_runs_of_asyncio_with_one_manager(own: Process) -> None:
    manager = SessionManager(own.url, insecure=True)

    async def work(number: int) -> Any:
        await manager.start()
        ticket = await manager.backend.create({"n": number}, user="ada")
        found = await manager.backend.verify(ticket)
        return found and found.data

    assert [asyncio.run(work(number)) for number in range(3)] == [{"n": n} for n in range(3)]


def test_two_event_loops_at_the_same_time(own: Process) -> None:
    """A second loop, in a worker thread, as in a program with a scheduler of its own."""
    manager = SessionManager(own.url, insecure=True)
    app = FastAPI()
    manager.install(app)

    @app.post("/login")
    async def login(visit: Annotated[Visit[Any], Depends(manager.visit())]) -> int:
        await visit.login("ada")

        def count() -> int:
            return asyncio.run(devices())

        async def devices() -> int:
            return len(await manager.backend.devices("ada"))

        return await asyncio.to_thread(count)

    browser = TestClient(app)
    assert browser.post("/login").json() == 1
    with TestClient(app) as browser:
        assert browser.post("/login").json() == 2


async def test_a_backend_that_was_closed_can_be_used_again(own: Process) -> None:
    client = redis.asyncio.Redis(port=own.port)
    backend = RedisBackend(client)
    ticket = await backend.create({})
    await backend.close()
    assert await backend.verify(ticket) is not None
    await backend.close()
    await client.aclose()
