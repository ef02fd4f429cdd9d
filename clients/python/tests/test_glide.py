"""valkey-glide as the client: commands, errors and backends, on one server and on a cluster."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis.exceptions
from fastapi import FastAPI
from glide import (
    GlideClient,
    GlideClientConfiguration,
    GlideClusterClientConfiguration,
    GlideError,
    NodeAddress,
    ReadFrom,
    ServerCredentials,
)
from support import shop
from support.servers import LIMIT, Group, Process, free_port
from support.web import get, served

from redis_session_client import (
    AsyncSessions,
    BadJSON,
    Conflict,
    Invalid,
    NoSchema,
    NoSession,
    OtherUser,
    Raw,
    SessionError,
    Stale,
    TooMany,
    WrongType,
    testing,
)
from redis_session_client.fastapi import RedisBackend, SessionManager
from redis_session_client.glide import GlideAdapter, GlideClusterAdapter, adapted, translated
from redis_session_client.testing import BackendCheck


async def plain(server: Process, **options: Any) -> GlideAdapter:
    options.setdefault("request_timeout", LIMIT * 1000)
    addresses = [NodeAddress("127.0.0.1", server.port)]
    found = adapted(GlideClientConfiguration(addresses, **options))
    assert isinstance(found, GlideAdapter)
    return found


@pytest.fixture
async def glide(server: Process) -> AsyncIterator[GlideAdapter]:
    client = await plain(server)
    yield client
    await client.aclose()


@pytest.fixture
async def glide_cluster(cluster: list[Process]) -> AsyncIterator[GlideClusterAdapter]:
    configuration = GlideClusterClientConfiguration(
        [NodeAddress("127.0.0.1", cluster[0].port)],
        request_timeout=LIMIT * 1000,
        read_from=ReadFrom.PREFER_REPLICA,
    )
    client = adapted(configuration, read_from_replicas=True)
    assert isinstance(client, GlideClusterAdapter)
    yield client
    await client.aclose()


@pytest.mark.parametrize("check", testing.BACKEND_CHECKS)
async def test_backend(check: BackendCheck, glide: GlideAdapter, prefix: str) -> None:
    await check(RedisBackend(glide, prefix=prefix))


@pytest.mark.parametrize("check", testing.BACKEND_CHECKS)
async def test_backend_in_a_cluster(
    check: BackendCheck, glide_cluster: GlideClusterAdapter, prefix: str
) -> None:
    await check(RedisBackend(glide_cluster, prefix=prefix, tag_by_user=True))


async def test_all_commands(glide: GlideAdapter, prefix: str) -> None:
    sessions = AsyncSessions(glide)
    created = await sessions.create(prefix + "*", {"n": 1, "ä": "🙂"}, user=prefix + "ada", idle=60)
    key = created.key
    found = await sessions.get(key, with_info=True)
    assert found is not None
    assert (found.data, found.info.user) == ({"n": 1, "ä": "🙂"}, prefix + "ada")
    some = await sessions.get(key, fields=["version", "user"])
    assert some is not None
    assert some.fields == {"version": 1, "user": prefix + "ada"}
    assert await sessions.get_paths(key, "/n", "/x") == {"/n": 1}
    assert await sessions.verify_paths(key, "/n", fresh=LIMIT) == {"/n": 1}
    assert await sessions.touch(key, idle=120)
    info = await sessions.info(key)
    assert info is not None
    assert info.idle == 120_000
    (listed,) = await sessions.list(prefix + "ada", "/n")
    assert (listed.key, listed.values) == (key, {"/n": 1})
    assert await sessions.create_as(key, {}) is False
    assert await sessions.import_as(prefix + "old", [1], created=1_700_000_000_000)
    assert await sessions.pop(key, "/n") == {"/n": 1}
    moved = await sessions.rotate(key, prefix + "*", grace=1000)
    assert await sessions.delete(moved.key, prefix + "old") == 2
    name = prefix + "schema"
    await sessions.schema_set(name, {"type": "object"})
    assert name in [entry.name for entry in await sessions.schema_list()]


async def test_errors_are_those_of_redis_py(glide: GlideAdapter, prefix: str) -> None:
    sessions = AsyncSessions(glide)
    key = prefix + "1"
    name = prefix + "schema"
    await sessions.create_as(key, {"n": 1}, user=prefix + "ada")
    nobody = prefix + "2"
    await sessions.create_as(nobody, {})
    await glide.execute_command("SET", prefix + "text", "x")
    await sessions.schema_set(name, {"required": ["m"]})
    calls: list[tuple[type[Exception], Any]] = [
        (NoSession, sessions.patch(prefix + "none", {})),
        (BadJSON, sessions.patch(key, Raw("{"))),
        (Conflict, sessions.patch(key, {}, if_version=7)),
        (Invalid, sessions.verify(key, name)),
        (NoSchema, sessions.verify(key, prefix + "nothing")),
        (OtherUser, sessions.rotate(key, prefix + "*", user=prefix + "eve")),
        (WrongType, sessions.get(prefix + "text")),
        (
            TooMany,
            sessions.create(prefix + "*", {}, user=prefix + "ada", max_sessions=1, refuse=True),
        ),
        (SessionError, sessions.create(prefix + "*", {}, user=prefix + "ada", max_sessions=0)),
        (Stale, sessions.verify(nobody, fresh=1)),
    ]
    for kind, call in calls:
        with pytest.raises(kind) as caught:
            await call
        assert type(caught.value) is kind
    with pytest.raises(Conflict) as conflict:
        await sessions.patch(key, {}, if_version=7)
    assert conflict.value.version == 1
    with pytest.raises(Invalid) as invalid:
        await sessions.verify(key, name)
    assert invalid.value.schema == name


async def test_errors_of_the_core(server: Process, prefix: str) -> None:
    with server.client() as raw:
        raw.execute_command("ACL", "SETUSER", prefix + "bob", "on", ">pw", "~*", "+client", "+info")
    client = await plain(server, credentials=ServerCredentials("pw", prefix + "bob"))
    with pytest.raises(redis.exceptions.NoPermissionError):
        await AsyncSessions(client).get(prefix + "1")
    await client.aclose()


async def test_a_client_of_the_applications_own(server: Process, prefix: str) -> None:
    addresses = [NodeAddress("127.0.0.1", server.port)]
    own = await GlideClient.create(GlideClientConfiguration(addresses))
    client = adapted(own)
    sessions = AsyncSessions(client)
    assert await sessions.get(prefix + "1") is None
    await client.aclose()
    assert await sessions.get(prefix + "1") is None
    await own.close()
    with pytest.raises(redis.exceptions.ConnectionError):
        await sessions.get(prefix + "1")


def test_each_event_loop_has_a_client_of_its_own(server: Process, prefix: str) -> None:
    addresses = [NodeAddress("127.0.0.1", server.port)]
    client = adapted(GlideClientConfiguration(addresses, request_timeout=LIMIT * 1000))
    sessions = AsyncSessions(client)

    async def use() -> None:
        found = await asyncio.gather(*(sessions.get(prefix + "1") for _ in range(5)))
        assert found == [None] * 5
        await client.aclose()

    for _ in range(2):
        asyncio.run(use())


async def test_no_server_is_a_connection_error_until_there_is_one(prefix: str) -> None:
    port = free_port()
    client = adapted(GlideClientConfiguration([NodeAddress("127.0.0.1", port)]))
    for _ in range(2):
        with pytest.raises(redis.exceptions.ConnectionError):
            await AsyncSessions(client).get(prefix + "1")


async def test_a_server_that_hangs_is_a_time_out_of_redis_py() -> None:
    with Group() as group:
        server = group.start()
        client = await plain(server, request_timeout=2000)
        assert await AsyncSessions(client).get("session:1") is None
        os.kill(server._process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(redis.exceptions.TimeoutError):
                await AsyncSessions(client).get("session:1")
        finally:
            os.kill(server._process.pid, signal.SIGCONT)
        await client.aclose()


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("OOM: command not allowed", redis.exceptions.OutOfMemoryError, "OOM command not allowed"),
        (
            "An error was signalled by the server: - ReadOnly: You can't write",
            redis.exceptions.ReadOnlyError,
            "You can't write",
        ),
        ("NOREPLICAS: Not enough", redis.exceptions.ResponseError, "NOREPLICAS Not enough"),
        ("something else", redis.exceptions.RedisError, "something else"),
    ],
)
def test_texts_of_errors(text: str, kind: type[Exception], told: str) -> None:
    found = translated(GlideError(text))
    assert type(found) is kind
    assert str(found) == told


async def test_all_primaries_are_asked(
    glide_cluster: GlideClusterAdapter, cluster: list[Process], prefix: str
) -> None:
    sessions = AsyncSessions(glide_cluster)
    assert sessions.cluster
    user = prefix + "ada"
    keys = {(await sessions.create(prefix + "*", {"n": n}, user=user)).key for n in range(30)}
    ports = {node.port for node in glide_cluster.get_primaries()}
    assert ports == {node.port for node in cluster}
    assert {session.key for session in await sessions.list(user)} == keys
    name = prefix + "schema"
    await sessions.schema_set(name, {"type": "object"})
    for node in cluster:
        with node.client(decode_responses=True) as raw:
            assert raw.execute_command("SESSION.SCHEMA", "GET", name)
    assert await sessions.revoke(user) == 30
    assert await sessions.list(user) == []


async def test_a_replica_answers_reads_that_allow_it(
    glide_cluster: GlideClusterAdapter, cluster_replica: Process, prefix: str
) -> None:
    sessions = AsyncSessions(glide_cluster)
    with cluster_replica.client() as raw:
        raw.config_resetstat()
        for tag in range(20):
            await sessions.get(f"{prefix}{{{tag}}}:x")
        assert "cmdstat_session.get" not in raw.info("commandstats")
        for tag in range(20):
            await sessions.get(f"{prefix}{{{tag}}}:x", replica_ok=True)
        assert raw.info("commandstats")["cmdstat_session.get"]["calls"] > 0


async def test_an_application_on_glide(glide: GlideAdapter, prefix: str) -> None:
    app: FastAPI = shop.make(SessionManager(glide, prefix=prefix, insecure=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        assert (await browser.get("/read")).status_code == 401
        await browser.post("/add", params={"item": 7})
        await browser.post("/login", params={"user": "ada"})
        read = (await browser.get("/read")).json()
        assert (read["user"], read["data"]["items"]) == ("ada", [7])
        await browser.post("/logout")
        assert (await browser.get("/read")).status_code == 401


def test_what_is_no_client_of_glide_is_refused() -> None:
    with pytest.raises(TypeError, match="a client of glide is needed, not a str"):
        adapted("redis://localhost")


def test_the_program_of_the_page(server: Process) -> None:
    page = (Path(__file__).parent.parent / "docs" / "glide.md").read_text()
    (source,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    space: dict[str, Any] = {}
    source = source.replace("6379", str(server.port)).replace('"localhost"', '"127.0.0.1"')
    exec(compile(source, "glide", "exec", dont_inherit=True), space)  # noqa: S102
    with served(space["app"]) as url:
        assert get(f"{url}/me").status_code == 401
