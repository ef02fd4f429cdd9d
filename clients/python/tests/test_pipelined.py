"""Pipelined: each call gets its own reply, in all event loops, with all settings of redis-py."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
import trustme
from redis.asyncio.connection import Connection
from redis.exceptions import ResponseError
from support.proxy import Proxy
from support.servers import LIMIT, PATIENT, Group, Process, eventually, free_port

from redis_session_client import AsyncSessions, Pipelined
from redis_session_client.web import RedisBackend
from redis_session_client.web.sync_backend import SyncRedisBackend


@pytest.fixture
async def client(server: Process) -> AsyncIterator[Pipelined]:
    made = Pipelined(server.async_client(), timeout=LIMIT)
    yield made
    await made.aclose()


@pytest.mark.parametrize("seed", range(5))
async def test_each_call_gets_its_reply_whatever_is_cancelled(server: Process, seed: int) -> None:
    chance = random.Random(seed)
    async with Proxy(server.port, pieces=chance) as proxy:
        client = Pipelined(redis.asyncio.Redis(port=proxy.port, **PATIENT), timeout=LIMIT)
        done = 0

        async def ask(n: int) -> None:
            nonlocal done
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.003]))
            text = f"{n}:{'x' * chance.choice([0, 3, 200])}".encode()
            assert await client.execute_command("ECHO", text) == text
            done += 1

        async def ask_wrongly() -> None:
            with pytest.raises(ResponseError, match="wrong number of arguments"):
                await client.execute_command("ECHO", "too", "many")

        calls = [asyncio.create_task(ask(n)) for n in range(200)]
        wrong = [asyncio.create_task(ask_wrongly()) for _ in range(20)]
        cancelled = chance.sample(calls, 80)
        for call in cancelled:
            await asyncio.sleep(chance.choice([0, 0, 0.001]))
            call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*wrong)
        errors = [result for result in results if isinstance(result, BaseException)]
        assert all(isinstance(error, asyncio.CancelledError) for error in errors)
        assert done == 200 - len(errors) >= 120
        assert proxy.connections == 1
        await client.aclose()


async def test_commands_of_one_moment_are_one_write(client: Pipelined) -> None:
    await client.execute_command("PING")

    async def reads() -> int:
        stats: bytes = await client.execute_command("INFO", "stats")
        line = next(x for x in stats.splitlines() if x.startswith(b"total_reads_processed:"))
        return int(line.partition(b":")[2])

    before = await reads()
    replies = await asyncio.gather(*(client.execute_command("ECHO", str(n)) for n in range(200)))
    assert replies == [str(n).encode() for n in range(200)]
    assert await reads() - before < 20


async def test_execute_all_returns_errors_of_the_server_in_their_places(client: Pipelined) -> None:
    one, two, three = await client.execute_all([("ECHO", "1"), ("GET",), ("ECHO", b"3")])
    assert (one, three) == (b"1", b"3")
    assert isinstance(two, ResponseError)


async def test_large_requests_and_replies_pass_among_small_ones(
    client: Pipelined, prefix: str
) -> None:
    large = os.urandom(8_000_000)

    async def store(n: int) -> None:
        await client.execute_command("SET", f"{prefix}{n}", large)
        assert await client.execute_command("GET", f"{prefix}{n}") == large
        await client.execute_command("DEL", f"{prefix}{n}")

    async def small(n: int) -> None:
        assert await client.execute_command("ECHO", str(n)) == str(n).encode()

    await asyncio.gather(*(store(n) for n in range(4)), *(small(n) for n in range(500)))


async def test_a_server_that_reads_nothing_fills_no_memory(server: Process) -> None:
    """Requests wait with their callers, and not in the transport's buffer."""
    async with Proxy(server.port) as proxy:
        client = Pipelined(redis.asyncio.Redis(port=proxy.port, **PATIENT), timeout=LIMIT)
        await client.execute_command("PING")
        server.freeze()
        try:
            calls = [
                asyncio.create_task(client.execute_command("ECHO", bytes(100_000)))
                for _ in range(400)
            ]
            for _ in range(5):
                await asyncio.sleep(0)
            line = client._lines[asyncio.get_running_loop()]
            assert line._transport is not None
            assert line._transport.get_write_buffer_size() < 1_000_000
        finally:
            server.thaw()
        assert await asyncio.gather(*calls) == [bytes(100_000)] * 400
        await client.aclose()


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("decode", [False, True])
async def test_sessions_work_over_both_protocols(
    server: Process, prefix: str, protocol: int, decode: bool
) -> None:
    client = redis.asyncio.Redis(
        port=server.port, protocol=protocol, decode_responses=decode, **PATIENT
    )
    sessions = AsyncSessions(Pipelined(client, timeout=LIMIT))
    created = await sessions.create(f"{prefix}*", {"n": "ä"}, user=f"{prefix}ada")
    found = await sessions.verify(created.key, with_info=True)
    assert found is not None
    assert found.data == {"n": "ä"}
    assert found.info.user == f"{prefix}ada"
    assert [listed.key for listed in await sessions.list(f"{prefix}ada")] == [created.key]
    await sessions._send.client.aclose()


async def test_push_messages_are_no_replies(server: Process, prefix: str) -> None:
    pushed = Pipelined(redis.asyncio.Redis(port=server.port, protocol=3, **PATIENT), timeout=LIMIT)
    await pushed.execute_command("CLIENT", "TRACKING", "ON")
    with server.client() as other:
        for n in range(50):
            await pushed.execute_command("GET", f"{prefix}k")
            other.set(f"{prefix}k", n)
            assert await pushed.execute_command("ECHO", str(n)) == str(n).encode()
        other.delete(f"{prefix}k")
    await pushed.aclose()


async def test_a_unix_socket_works() -> None:
    path = f"/tmp/redis-session-{uuid.uuid4().hex[:8]}.sock"  # noqa: S108
    with Group() as group:
        group.start(config=f"unixsocket {path}")
        backend = RedisBackend(f"unix://{path}?socket_timeout={LIMIT}")
        ticket = await backend.create({"n": 1})
        assert await backend.verify(ticket) is not None
        await backend.close()


async def test_tls_and_a_login_are_those_of_the_client(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    with Group() as group:
        server = group.start(config="user ada on >secret ~* &* +@all")
        with server.client() as plain:
            for name, file in (("cert", "cert"), ("key", "key"), ("ca-cert", "ca")):
                plain.config_set(f"tls-{name}-file", str(tmp_path / f"{file}.pem"))
            plain.config_set("tls-auth-clients", "no")
            # The port that is free now can be taken when the server binds it.
            port = eventually("a port for TLS", lambda: _tls_port(plain))
        options = f"ssl_ca_certs={tmp_path}/ca.pem&socket_timeout={LIMIT}"
        url = f"rediss://ada:secret@localhost:{port}/0?{options}"
        backend = RedisBackend(url)
        tickets = await asyncio.gather(*(backend.create({"n": n}) for n in range(50)))
        for n, ticket in enumerate(tickets):
            found = await backend.verify(ticket)
            assert found is not None
            assert found.data == {"n": n}
        assert await backend.commands._send.client.execute_command("ACL", "WHOAMI") == b"ada"
        large = await backend.create({"n": "x" * 1_000_000})
        assert (await backend.verify(large)) is not None
        await backend.close()


def _tls_port(client: redis.Redis) -> int:
    port = free_port()
    client.config_set("tls-port", port)
    return port


def test_one_backend_serves_several_event_loops(server: Process, prefix: str) -> None:
    backend = RedisBackend(server.url, prefix=prefix)

    async def use() -> None:
        ticket = await backend.create({"n": 1})
        assert await backend.verify(ticket) is not None

    for _ in range(3):
        asyncio.run(use())
    failed: list[BaseException] = []

    def in_thread() -> None:
        try:
            for _ in range(5):
                asyncio.run(use())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=in_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert backend._link.client._lines == {}


PROGRAM = """
import asyncio, logging, os, sys
import redis.asyncio
from redis_session_client import Pipelined

# The development mode also reports steps that take long, as they do on a busy machine.
logging.getLogger("asyncio").addFilter(lambda record: "Executing" not in record.getMessage())

client = Pipelined(redis.asyncio.Redis(port={port}, socket_timeout=300), timeout=300)

async def use(text):
    assert await client.execute_command("ECHO", text) == text.encode()

async def leave_one():
    await use("first")
    asyncio.create_task(use("nobody waits for this"))

asyncio.run(use("parent"))
asyncio.run(leave_one())
loop = asyncio.new_event_loop()
loop.run_until_complete(use("before the fork"))
if (child := os.fork()) == 0:
    asyncio.run(use("child"))
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
loop.run_until_complete(use("after the fork"))
loop.run_until_complete(loop.shutdown_asyncgens())
loop.run_until_complete(asyncio.sleep(0))
loop.close()
"""


def test_a_program_may_end_and_fork_without_closing(server: Process) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM.format(port=server.port)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert (run.returncode, run.stderr) == (0, "")


async def test_close_ends_the_connection_and_a_later_call_opens_another(server: Process) -> None:
    name = uuid.uuid4().hex
    plain = redis.asyncio.Redis(port=server.port, client_name=name, **PATIENT)
    client = Pipelined(plain, timeout=LIMIT)

    def connections() -> int:
        with server.client() as other:
            return sum(found["name"] == name for found in other.client_list())

    for _ in range(2):
        await client.execute_command("PING")
        assert await asyncio.to_thread(connections) == 1
        waiting = asyncio.create_task(client.execute_command("BLPOP", name, 0))
        await asyncio.sleep(0)
        await client.aclose()
        with pytest.raises(redis.ConnectionError, match="the client was closed"):
            await waiting
        await asyncio.to_thread(eventually, "no connection", lambda: connections() == 0)


async def test_a_backend_that_is_forgotten_closes_its_connection(server: Process) -> None:
    name = uuid.uuid4().hex
    await Pipelined(redis.asyncio.Redis(port=server.port, client_name=name)).execute_command("PING")

    def gone() -> bool:
        with server.client() as other:
            return all(found["name"] != name for found in other.client_list())

    await asyncio.to_thread(eventually, "no connection", gone)


class Counting(redis.asyncio.Redis):
    """A client with a way of its own to send commands."""

    sent = 0

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        self.sent += 1
        return await super().execute_command(*args, **options)


async def test_a_client_with_its_own_way_to_send_keeps_it(server: Process) -> None:
    client = Counting(port=server.port, **PATIENT)
    backend = RedisBackend(client)
    await backend.create({})
    assert client.sent == 1
    plain = server.async_client()
    assert RedisBackend(plain, pipelined=False)._link.client is plain
    await client.aclose()


class Wrapped:
    """A stream without a transport, as a fake server's client has."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        if name == "transport":
            raise AttributeError(name)
        return getattr(self._writer, name)


class OddConnection(Connection):
    async def _connect(self) -> None:
        await super()._connect()
        self._writer: Any = Wrapped(self._writer)


async def test_connections_without_a_transport_are_used_by_redis_py(server: Process) -> None:
    pool = redis.asyncio.ConnectionPool(connection_class=OddConnection, port=server.port, **PATIENT)
    plain = redis.asyncio.Redis(connection_pool=pool)
    client = Pipelined(plain, timeout=LIMIT)
    echo = [("ECHO", "1"), ("GET",), ("ECHO", "2")]
    assert [reply for reply in await client.execute_all(echo) if isinstance(reply, bytes)] == [
        b"1",
        b"2",
    ]
    assert await client.execute_command("ECHO", "3") == b"3"
    await plain.aclose()
    await pool.disconnect()


@pytest.mark.parametrize(
    "options", [{"single_connection_client": True}, {"health_check_interval": 1}]
)
async def test_other_kinds_of_clients_work(server: Process, options: dict[str, Any]) -> None:
    plain = redis.asyncio.Redis(port=server.port, **options, **PATIENT)
    backend = RedisBackend(plain)
    assert await backend.verify(await backend.create({})) is not None
    await backend.close()
    await plain.aclose()
    pool = redis.asyncio.BlockingConnectionPool(port=server.port, max_connections=1, **PATIENT)
    backend = RedisBackend(redis.asyncio.Redis(connection_pool=pool))
    tickets = await asyncio.gather(*(backend.create({}) for _ in range(20)))
    assert len(set(tickets)) == 20
    await backend.close()


@pytest.mark.parametrize(
    ("timeout", "error"), [(0, ValueError), (-1, ValueError), ("2", TypeError), (True, TypeError)]
)
def test_a_timeout_is_seconds(timeout: Any, error: type[Exception]) -> None:
    for backend in (RedisBackend, SyncRedisBackend):
        with pytest.raises(error, match="timeout="):
            backend("redis://localhost", timeout=timeout)


def test_the_timeout_is_the_urls_the_clients_or_two_seconds(server: Process) -> None:
    def of(backend: RedisBackend) -> float:
        return float(backend._link.client._timeout)

    assert of(RedisBackend("redis://localhost")) == 2
    assert of(RedisBackend("redis://localhost?socket_timeout=7")) == 7
    assert of(RedisBackend("redis://localhost?socket_timeout=7", timeout=3)) == 3
    assert of(RedisBackend(redis.asyncio.Redis())) == 2
    assert of(RedisBackend(redis.asyncio.Redis(socket_timeout=9))) == 9
    assert of(RedisBackend(redis.asyncio.Redis(socket_timeout=9), timeout=1)) == 1
    kwargs = SyncRedisBackend("redis://localhost")._link.client.connection_pool.connection_kwargs
    assert kwargs["socket_timeout"] == kwargs["socket_connect_timeout"] == 2
    with pytest.raises(TypeError, match="set its socket_timeout"):
        SyncRedisBackend(redis.Redis(), timeout=3)
    with pytest.raises(TypeError, match="set its socket_timeout"):
        RedisBackend(Counting(), timeout=3)
