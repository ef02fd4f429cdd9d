"""Concurrent requests of one session: no change is lost, and no ended session comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator

import httpx
import pytest
import redis
from support import shop
from support.commands import keys
from support.servers import GRACE, Process
from support.web import async_client, served

from redis_session_client.fastapi import SessionManager


@pytest.fixture
def site(server: Process, prefix: str) -> Iterator[str]:
    """An application of its own for each test, since /release can open its gate only once."""
    with served(shop.make(SessionManager(server.url, prefix=prefix, insecure=True))) as url:
        yield url


@pytest.fixture
async def browser(site: str) -> AsyncIterator[httpx.AsyncClient]:
    async with async_client(site) as browser:
        yield browser


async def slow_ones(
    browser: httpx.AsyncClient, items: Iterable[int], headers: dict[str, str] | None = None
) -> list[asyncio.Task[httpx.Response]]:
    """Starts requests, and returns when each has read its session and waits before it writes."""
    tasks = [
        asyncio.create_task(browser.post("/slow", params={"item": n}, headers=headers))
        for n in items
    ]
    while (await browser.get("/waiting")).json() < len(tasks):
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0.01)
    return tasks


async def test_a_hundred_requests_at_once_see_one_session(browser: httpx.AsyncClient) -> None:
    await browser.post("/login", params={"user": "ada"})
    before = browser.cookies["session"]
    replies = await asyncio.gather(*(browser.get("/read") for _ in range(100)))
    assert [r.status_code for r in replies] == [200] * 100
    assert {r.json()["user"] for r in replies} == {"ada"}
    assert not any("set-cookie" in r.headers for r in replies)
    assert browser.cookies["session"] == before


async def test_ten_writers_at_once_keep_ten_changes(browser: httpx.AsyncClient) -> None:
    await browser.post("/login", params={"user": "ada"})
    writers = await slow_ones(browser, range(10))
    await browser.post("/release")
    replies = await asyncio.gather(*writers)
    assert all(r.json() == {"saved": True} for r in replies)
    items = (await browser.get("/read")).json()["data"]["items"]
    assert sorted(items) == list(range(10))


async def test_a_logout_during_a_slow_request_stays_a_logout(
    browser: httpx.AsyncClient, raw: redis.Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    await browser.post("/login", params={"user": "ada"})
    cookie = {"cookie": f"session={browser.cookies['session']}"}
    with caplog.at_level(logging.WARNING, "redis_session_client"):
        (slow,) = await slow_ones(browser, [1], cookie)
        assert (await browser.post("/logout")).json() == {"ended": True}
        await browser.post("/release")
        reply = await slow
    assert reply.json() == {"saved": False}
    assert "set-cookie" not in reply.headers
    assert keys(raw, prefix) == []
    assert "what it wrote is dropped" in caplog.text
    assert (await browser.get("/read", headers=cookie)).status_code == 401


async def test_a_login_during_a_slow_request_drops_its_write(
    browser: httpx.AsyncClient,
) -> None:
    """The old ID ends at once, so that an attacker who planted it gains nothing."""
    await browser.post("/add", params={"item": 7})
    (slow,) = await slow_ones(browser, [1])
    await browser.post("/login", params={"user": "ada"})
    after = browser.cookies["session"]
    await browser.post("/release")
    reply = await slow
    assert reply.json() == {"saved": False}
    assert "set-cookie" not in reply.headers
    assert browser.cookies["session"] == after
    assert (await browser.get("/read")).json()["data"]["items"] == [7]


async def test_a_rotation_loses_no_request_that_is_under_way(browser: httpx.AsyncClient) -> None:
    await browser.post("/login", params={"user": "ada"})
    old = {"cookie": f"session={browser.cookies['session']}"}
    slow = await slow_ones(browser, range(5), old)
    await browser.post("/rotate", params={"grace": GRACE})
    assert browser.cookies["session"] not in old["cookie"]
    await browser.post("/release")
    replies = await asyncio.gather(*slow)
    assert all(r.json() == {"saved": True} for r in replies)
    # A request with the old ID that comes after the rotation also works, and its logout ends the
    # session.
    assert (await browser.get("/read", headers=old)).status_code == 200
    items = (await browser.get("/read")).json()["data"]["items"]
    assert sorted(items) == list(range(5))
    await browser.post("/logout", headers=old)
    assert (await browser.get("/read")).status_code == 401


async def test_two_rotations_at_once_end_in_one_live_session(
    browser: httpx.AsyncClient, raw: redis.Redis, prefix: str
) -> None:
    await browser.post("/login", params={"user": "ada"})
    replies = await asyncio.gather(
        *(browser.post("/rotate", params={"grace": GRACE}) for _ in range(5))
    )
    assert [r.json()["rotated"] for r in replies].count(True) == 1
    assert (await browser.get("/read")).status_code == 200
    assert len(raw.execute_command("SESSION.LIST", f"{prefix}ada")) == 1
