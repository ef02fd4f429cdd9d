"""A cookie that a login or a logout has made useless: a request under way must not replace it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import redis
from support.commands import keys, marks, watched
from support.servers import Process
from support.web import client, get, post

from redis_session_client import Ids, Sessions
from redis_session_client.web import MemoryBackend, RedisBackend
from redis_session_client.web.login import login
from redis_session_client.web.protocol import Backend
from redis_session_client.web.sync_backend import SyncRedisBackend


@pytest.fixture(params=["redis", "bare", "cluster", "memory"])
async def backend(
    request: pytest.FixtureRequest, server: Process, prefix: str
) -> AsyncIterator[Backend]:
    if request.param == "memory":
        yield MemoryBackend()
        return
    if request.param == "cluster":
        node: Process = request.getfixturevalue("cluster")[0]
        own = node.async_cluster_client()
    else:
        own = server.async_client()
    backend = RedisBackend(own, prefix=prefix, bare=request.param == "bare")
    yield backend
    await backend.close()
    await own.aclose()


async def test_a_login_retires_the_cookie_that_it_replaces(backend: Backend) -> None:
    before = await backend.create({"cart": [1]})
    assert not await backend.retired(before)
    after = await login(backend, before, "ada", {})
    assert await backend.retired(before)
    assert not await backend.retired(after)
    assert await backend.verify(before) is None


async def test_a_login_as_another_user_retires_it_too(backend: Backend) -> None:
    before = await backend.create({}, user="eve")
    after = await login(backend, before, "ada", {})
    assert await backend.retired(before)
    assert not await backend.retired(after)


async def test_a_login_retires_a_cookie_whose_session_is_gone(backend: Backend) -> None:
    before = await backend.create({})
    await backend.end(before)
    after = await login(backend, before, "ada", {})
    assert await backend.retired(before)
    found = await backend.verify(after)
    assert found is not None
    assert found.info.user == "ada"


async def test_a_logout_retires_the_cookie(backend: Backend) -> None:
    ticket = await backend.create({}, user="ada")
    assert await backend.end(ticket)
    assert await backend.retired(ticket)
    assert not await backend.end(ticket)


async def test_a_rotation_retires_the_old_cookie_and_its_grace_goes_on(backend: Backend) -> None:
    before = await backend.create({})
    after = await backend.rotate(before, grace=60_000)
    assert await backend.verify(before) is not None
    assert await backend.retired(before)
    assert not await backend.retired(after)


async def test_a_text_that_is_no_cookie_is_not_retired(backend: Backend) -> None:
    for text in ("", "r" + "0" * 32, "A" * 44):
        assert not await backend.retired(text)


async def test_a_memory_of_a_minute() -> None:
    backend = MemoryBackend()
    ticket = await backend.create({})
    await backend.end(ticket)
    backend.advance(59)
    assert await backend.retired(ticket)
    backend.advance(2)
    assert not await backend.retired(ticket)


async def test_the_mark_lasts_a_minute_and_no_cookie_names_it(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    for bare in (False, True):
        backend = RedisBackend(server.async_client(), prefix=prefix, bare=bare)
        ticket = await backend.create({})
        await backend.end(ticket)
        (mark,) = marks(raw, prefix)
        assert 50_000 < raw.pttl(mark) <= 60_000
        assert backend.ids.key(ticket) != mark
        for part in (mark, mark.removeprefix(prefix), mark[-32:]):
            assert Ids(prefix, bare=bare).key(part) != mark
        raw.delete(mark)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_the_mark_stays_under_the_prefix_and_in_the_slot(bare: bool, tagged: bool) -> None:
    ids = Ids("cart", bare=bare, tagged=tagged)
    secret = "0" * 32 if bare else "A" * 43
    key = ids.key(f"3f9a.{secret}" if tagged else secret)
    assert key is not None
    mark = ids.retired(key)
    assert mark == ("cart{3f9a}:" if tagged else "cart") + "r" + key[-32:]


async def test_a_mark_that_the_server_refuses_hinders_no_login(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    # New sessions under the prefix take this schema, and the mark's data does not satisfy it.
    sessions = Sessions(raw)
    schema = {"type": "object", "required": ["name"]}
    sessions.schema_set(f"{prefix}strict", schema, prefix=prefix)
    try:
        backend = RedisBackend(server.async_client(), prefix=prefix)
        before = await backend.create({"name": "nobody"})
        after = await login(backend, before, "ada", {"name": "ada"})
        assert not await backend.retired(before)
        assert await backend.end(after)
    finally:
        sessions.schema_delete(f"{prefix}strict")


def test_the_synchronous_backend_does_the_same(server: Process, prefix: str) -> None:
    with server.client() as own:
        backend = SyncRedisBackend(own, prefix=prefix)
        before = backend.create({})
        after = backend.rotate(before, user="ada")
        assert backend.retired(before)
        assert not backend.retired(after)
        assert backend.end(after)
        assert backend.retired(after)


async def test_a_mark_costs_no_round_trip(server: Process, raw: redis.Redis, prefix: str) -> None:
    backend = RedisBackend(server.async_client(), prefix=prefix)
    ticket = await backend.create({})
    with raw.monitor() as monitor:
        await backend.rotate(ticket, user="ada")
        raw.execute_command("ECHO", "end")
        seen = []
        for command in monitor.listen():
            if command["command"].startswith("ECHO"):
                break
            if prefix in command["command"]:
                seen.append(command)
    # The mark comes first: no request finds the session gone and the mark not yet made.
    assert [c["command"].split(" ")[0] for c in seen] == ["SESSION.SET", "SESSION.ROTATE"]
    assert len({c["client_port"] for c in seen}) == 1


# Over HTTP.


def with_cookie(site: str, path: str, ticket: str, **params: Any) -> httpx.Response:
    """A request that was sent before the browser had another cookie."""
    return post(f"{site}{path}", params=params, headers={"cookie": f"session={ticket}"})


@pytest.fixture
def visitor(browser: httpx.Client) -> str:
    """The cookie of a visitor who has a cart."""
    browser.post("/add", params={"item": 1})
    return browser.cookies["session"]


def test_a_request_sent_before_the_login_sets_no_cookie(
    site: str, browser: httpx.Client, visitor: str, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    late = with_cookie(site, "/add", visitor, item=2)
    assert late.json() == {"saved": False}
    assert "set-cookie" not in late.headers
    assert len(keys(raw, prefix)) == 1
    assert browser.get("/read").json()["data"]["items"] == [1]


def test_a_request_sent_before_the_logout_sets_no_cookie(
    site: str, browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    ticket = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    browser.post("/logout")
    late = with_cookie(site, "/add", ticket, item=2)
    assert late.json() == {"saved": False}
    assert "set-cookie" not in late.headers
    assert keys(raw, prefix) == []
    # The browser itself has no cookie any more, and begins anew.
    assert browser.post("/add", params={"item": 3}).json() == {"saved": True}


def test_after_the_end_everywhere_too(site: str, browser: httpx.Client) -> None:
    ticket = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    browser.post("/devices/end-everywhere")
    assert with_cookie(site, "/add", ticket, item=2).json() == {"saved": False}


def test_a_login_with_a_retired_cookie_is_a_login(site: str, browser: httpx.Client) -> None:
    ticket = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    browser.post("/logout")
    again = with_cookie(site, "/login", ticket, user="ada")
    assert "set-cookie" in again.headers
    headers = {"cookie": f"session={again.json()['ticket']}"}
    assert get(f"{site}/read", headers=headers).json()["user"] == "ada"


def test_a_cookie_that_expired_begins_anew(
    site: str, visitor: str, raw: redis.Redis, prefix: str
) -> None:
    (key,) = keys(raw, prefix)
    raw.delete(key)
    anew = with_cookie(site, "/add", visitor, item=2)
    assert anew.json() == {"saved": True}
    assert "set-cookie" in anew.headers


def test_a_retired_cookie_costs_one_command_more_only_where_something_is_stored(
    site: str, raw: redis.Redis, visitor: str, browser: httpx.Client
) -> None:
    browser.post("/login", params={"user": "ada"})
    with watched(raw) as seen:
        assert get(f"{site}/read", headers={"cookie": f"session={visitor}"}).status_code == 401
    assert len(seen) == 1


def login_beside_ten_requests(site: str, user: str) -> None:
    with client(site) as browser:
        browser.post("/add", params={"item": 1})
        before = browser.cookies["session"]
    start = threading.Barrier(11)

    def add(number: int) -> httpx.Response:
        start.wait()
        return with_cookie(site, "/add", before, item=number)

    def enter() -> httpx.Response:
        start.wait()
        return with_cookie(site, "/login", before, user=user)

    with ThreadPoolExecutor(11) as pool:
        adding = [pool.submit(add, number) for number in range(10)]
        entering = pool.submit(enter)
    for reply in (future.result() for future in adding):
        assert reply.status_code == 200
        # Whatever order the browser gets the responses in, it keeps the login's cookie.
        assert "set-cookie" not in reply.headers
    ticket = entering.result().json()["ticket"]
    found = get(f"{site}/read", headers={"cookie": f"session={ticket}"})
    assert found.json()["user"] == user


def test_no_login_cookie_is_lost_beside_requests_under_way(site: str) -> None:
    """Two browsers; in each, a login while ten requests with the older cookie store something."""

    def browse(user: str) -> None:
        for _ in range(5):
            login_beside_ten_requests(site, user)

    with ThreadPoolExecutor(2) as browsers:
        for done in [browsers.submit(browse, user) for user in ("ada", "eve")]:
            done.result()


def test_a_logout_in_the_middle_of_slow_writes_stays(
    site: str, raw: redis.Redis, prefix: str
) -> None:
    """Ten requests have read their session and wait; then the user logs out, and they write."""

    def browse(user: str) -> None:
        with client(site) as browser:
            ticket = browser.post("/login", params={"user": user}).json()["ticket"]
            with ThreadPoolExecutor(10) as pool:
                writes = [
                    pool.submit(with_cookie, site, "/slow-one", ticket, who=user, item=number)
                    for number in range(10)
                ]
                while browser.get("/slow-one/waiting", params={"who": user}).json() < 10:
                    pass
                browser.post("/logout")
                browser.post("/slow-one/release", params={"who": user})
                for reply in (write.result() for write in writes):
                    assert reply.json() == {"saved": False}
                    assert "set-cookie" not in reply.headers

    with ThreadPoolExecutor(2) as browsers:
        for done in [browsers.submit(browse, user) for user in ("ada", "eve")]:
            done.result()
    assert keys(raw, prefix) == []
