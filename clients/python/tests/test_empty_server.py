"""A server that lacks the application's schemas: it was restarted empty, or nobody registered them.

The application registers them when the server says so, and no request fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
import redis
from fastapi import FastAPI
from support import shop
from support.inprocess import TestClient
from support.servers import Group, Process
from support.web import async_client, client, served

from redis_session_client import NoSchema, Raw, Sessions
from redis_session_client.fastapi import RedisBackend, SessionManager
from redis_session_client.web.sync_backend import SyncRedisBackend


@pytest.fixture
def own() -> Iterator[Process]:
    """A server of the test's own, which it may empty."""
    with Group() as group:
        yield group.start()


def emptied(server: Process) -> None:
    """Empties the server as a restart without persistence does: no sessions, no schemas."""
    with server.client() as admin:
        admin.flushall()
        sessions = Sessions(admin)
        sessions.schema_delete(*(entry.name for entry in sessions.schema_list()))
        assert sessions.schema_list() == []


def test_a_server_that_is_emptied_under_a_running_application(own: Process) -> None:
    with (
        served(shop.make(SessionManager(own.url, insecure=True))) as url,
        client(url) as browser,
    ):
        assert browser.post("/login", params={"user": "ada"}).status_code == 200
        assert browser.get("/admin").status_code == 403
        emptied(own)
        assert browser.get("/read").status_code == 401
        assert browser.post("/add", params={"item": 7}).json() == {"saved": True}
        assert browser.post("/login", params={"user": "ada", "role": "admin"}).status_code == 200
        assert browser.get("/admin").json() == {"user": "ada"}


def test_a_server_that_restarts_empty_under_a_running_application() -> None:
    with Group() as group:
        first = group.start()
        with (
            served(shop.make(SessionManager(first.url, insecure=True))) as url,
            client(url) as browser,
        ):
            assert browser.post("/login", params={"user": "ada"}).status_code == 200
            first.restart()
            assert browser.get("/read").status_code == 401
            assert browser.post("/login", params={"user": "ada"}).status_code == 200
            assert browser.get("/read").json()["user"] == "ada"


def test_schemas_that_were_lost_alone(own: Process) -> None:
    with (
        served(shop.make(SessionManager(own.url, insecure=True))) as url,
        client(url) as browser,
    ):
        browser.post("/login", params={"user": "ada", "role": "admin"})
        with own.client() as admin:
            sessions = Sessions(admin)
            sessions.schema_delete(*(entry.name for entry in sessions.schema_list()))
        # The guard asks for two schemas, and the server lacks both.
        assert browser.get("/admin").json() == {"user": "ada"}


async def test_many_requests_at_once_after_the_restart(own: Process) -> None:
    with served(shop.make(SessionManager(own.url, insecure=True))) as url:
        emptied(own)
        async with async_client(url) as browser:
            logins = (browser.post("/login", params={"user": f"u{n}"}) for n in range(30))
            replies: list[httpx.Response] = await asyncio.gather(*logins)
        assert {reply.status_code for reply in replies} == {200}


async def test_workers_that_start_at_once_register_the_same(own: Process) -> None:
    managers = [SessionManager(own.url, insecure=True) for _ in range(8)]
    for manager in managers:
        shop.make(manager)
    await asyncio.gather(*(manager.start() for manager in managers))
    with own.client() as admin:
        names = {entry.name for entry in Sessions(admin).schema_list()}
    assert names == set(managers[0].schemas)
    for manager in managers:
        await manager.backend.close()


async def test_a_name_that_has_another_text_is_an_error_at_start_up(own: Process) -> None:
    manager = SessionManager(own.url, insecure=True)
    shop.make(manager)
    name = next(iter(manager.schemas))
    with own.client() as admin:
        Sessions(admin).schema_set(name, True)
    with pytest.raises(RuntimeError, match=f"lacks the schemas {name}"):
        await manager.start()
    await manager.backend.close()


def test_a_user_who_may_not_register_is_told_so(
    own: Process, caplog: pytest.LogCaptureFixture
) -> None:
    with own.client() as admin:
        rights = "on >pw ~* resetchannels +@all -session.schema"
        admin.execute_command("ACL", "SETUSER", "web", *rights.split())
    app = shop.make(SessionManager(own.url_for("web:pw@"), insecure=True))
    with served(app) as url, client(url) as browser:
        reply = browser.post("/login", params={"user": "ada"})
        assert reply.status_code == 500
    assert "may not register schemas" in caplog.text


def test_an_application_that_only_checks_registers_nothing_later_either(own: Process) -> None:
    manager = SessionManager(own.url, insecure=True, register=False)
    app = shop.make(manager)
    with own.client() as admin:
        for name, text in manager.schemas.items():
            Sessions(admin).schema_set(name, Raw(text), assert_format=True)
    with served(app) as url, client(url) as browser:
        emptied(own)
        reply = browser.post("/login", params={"user": "ada"})
        assert (reply.status_code, reply.json()) == (500, {"detail": "Internal Server Error"})
        with own.client() as admin:
            assert Sessions(admin).schema_list() == []


def test_a_schema_that_is_no_models_is_not_made_up(own: Process) -> None:
    manager = SessionManager(own.url, insecure=True)
    app = FastAPI()
    manager.install(app)
    with own.client() as admin:
        Sessions(admin).schema_set("admin", True)
    app.get("/")(lambda: None)
    with TestClient(app):
        emptied(own)

        async def ask() -> None:
            backend = RedisBackend(own.url)
            ticket = await backend.create({})
            with pytest.raises(NoSchema):
                await backend.verify(ticket, ["admin"])
            await backend.close()

        asyncio.run(ask())


async def test_in_a_cluster_every_primary_gets_the_schema(
    cluster: list[Process], prefix: str
) -> None:
    name = f"{prefix}schema"
    backend = RedisBackend(cluster[0].async_cluster_client(), prefix=prefix)
    backend.schemas[name] = '{"type":"object"}'
    tickets = [await backend.create({}, schema=name) for _ in range(20)]
    assert all([await backend.verify(ticket, [name]) for ticket in tickets])
    for node in cluster:
        with node.client() as each:
            assert Sessions(each).schema_get(name) == '{"type":"object"}'
            Sessions(each).schema_delete(name)


def test_the_synchronous_backend_registers_too(server: Process, prefix: str) -> None:
    name = f"{prefix}schema"
    with server.client() as own:
        backend = SyncRedisBackend(own, prefix=prefix)
        backend.schemas[name] = "true"
        ticket = backend.create({}, schema=name)
        assert Sessions(own).schema_get(name) == "true"
        Sessions(own).schema_delete(name)
        after = backend.rotate(ticket, user="ada")
        assert backend.verify(after, [name]) is not None
        Sessions(own).schema_delete(name)


async def test_a_read_of_a_replica_is_repeated_at_the_primary(
    raw: redis.Redis, server: Process, prefix: str
) -> None:
    """The replica here is another server, which will never have the schema."""
    name = f"{prefix}schema"
    with Group() as group:
        other = group.start()
        backend = RedisBackend(
            server.async_client(), prefix=prefix, replica=other.async_client(), replica_ok=True
        )
        backend.schemas[name] = "true"
        ticket = await backend.create({})
        with other.client() as replica:
            assert Sessions(replica).create_as(str(backend.ids.key(ticket)), {})
        assert await backend.verify(ticket, [name]) is not None
    Sessions(raw).schema_delete(name)
