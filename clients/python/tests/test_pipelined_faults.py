"""Pipelined while servers are slow, restarted, replaced, or cut off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.asyncio.sentinel import Sentinel
from redis.exceptions import AuthenticationError, ConnectionError, ReadOnlyError, TimeoutError
from support.proxy import Proxy
from support.servers import LIMIT, PATIENT, Group, Process, eventually, free_port, start_sentinel
from support.waiting import until
from test_sentinel import fail_over

from redis_session_client import Pipelined
from redis_session_client.web import RedisBackend
from redis_session_client.web.sync_backend import SyncRedisBackend


@pytest.fixture
def own() -> Iterator[Process]:
    """A server that a test may stop."""
    with Group() as group:
        yield group.start()


async def until_it_works(client: Pipelined, *words: Any) -> Any:
    """The reply, after as many failures as the server needs to be there again."""
    return await until("a server that answers", lambda: client.execute_command(*words))


async def test_a_frozen_server_is_a_timeout_for_all(own: Process) -> None:
    client = Pipelined(own.async_client(), timeout=0.3)
    await until_it_works(client, "PING")
    own.freeze()
    calls = [asyncio.create_task(client.execute_command("ECHO", str(n))) for n in range(20)]
    for result in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(result, TimeoutError)
        assert f":{own.port} has not replied in time" in str(result)
    # The server accepts connections in this state, and answers none.
    with pytest.raises(TimeoutError):
        await client.execute_command("PING")
    own.thaw()
    assert await until_it_works(client, "ECHO", "back") == b"back"
    # No reply of an earlier call is taken for that of a later one.
    for n in range(20):
        assert await until_it_works(client, "ECHO", f"again {n}") == f"again {n}".encode()
    await client.aclose()


async def test_a_busy_application_is_no_slow_server(server: Process) -> None:
    """A reply that came while the application did not look is read before the call fails."""
    client = Pipelined(server.async_client(), timeout=0.2)
    await until_it_works(client, "PING")
    call = asyncio.create_task(client.execute_command("ECHO", "there"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    def answered() -> bool:
        with server.client() as other:
            return any(found["cmd"] == "echo" for found in other.client_list())

    eventually("a reply in the socket", answered)
    time.sleep(0.3)  # noqa: ASYNC251
    assert await call == b"there"
    await client.aclose()


async def test_a_server_that_is_away_is_a_connection_error_with_its_address() -> None:
    port = free_port()
    patient = Pipelined(redis.asyncio.Redis(port=port), timeout=LIMIT, patience=0.1)
    with pytest.raises(ConnectionError, match=str(port)):
        await patient.execute_command("PING")
    backend = RedisBackend(f"redis://127.0.0.1:{port}", timeout=0.2)
    with pytest.raises(ConnectionError, match=str(port)):
        await backend.create({})
    with pytest.raises(ConnectionError, match=str(port)):
        SyncRedisBackend(f"redis://127.0.0.1:{port}", timeout=0.2).create({})


def test_a_frozen_server_is_a_timeout_for_a_blocking_client_too(own: Process) -> None:
    backend = SyncRedisBackend(f"redis://127.0.0.1:{own.port}", timeout=0.2)
    own.freeze()
    with pytest.raises(TimeoutError):
        backend.create({})
    own.thaw()


async def test_calls_wait_for_a_server_that_restarts(own: Process) -> None:
    client = Pipelined(own.async_client(), timeout=LIMIT, patience=LIMIT)
    for _ in range(3):
        await client.execute_command("PING")
        own.kill()
        calls = [asyncio.create_task(client.execute_command("ECHO", str(n))) for n in range(20)]
        await asyncio.to_thread(own.restart)
        assert await asyncio.gather(*calls) == [str(n).encode() for n in range(20)]
    await client.aclose()


async def test_killed_connections_are_made_again(server: Process) -> None:
    client = Pipelined(server.async_client(), timeout=LIMIT)
    for _ in range(20):
        own = await client.execute_command("CLIENT", "ID")
        calls = [asyncio.create_task(client.execute_command("ECHO", str(n))) for n in range(20)]
        with server.client() as other:
            other.client_kill_filter(_id=str(own))
        assert await asyncio.gather(*calls) == [str(n).encode() for n in range(20)]
    await client.aclose()


async def test_a_server_that_ends_idle_connections_is_no_error(own: Process) -> None:
    with own.client() as plain:
        plain.config_set("timeout", 1)
    client = Pipelined(own.async_client(), timeout=LIMIT)
    first = await client.execute_command("CLIENT", "ID")

    def ended() -> bool:
        with own.client() as other:
            return all(int(found["id"]) != first for found in other.client_list())

    await asyncio.to_thread(eventually, "an idle connection that is ended", ended)
    assert await client.execute_command("CLIENT", "ID") != first
    await client.aclose()


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (("SESSION.VERIFY", b"{prefix}x"), True),
        (("SESSION.SET", b"{prefix}*", b"{}"), True),
        (("SESSION.PATCH", b"{prefix}x", b'{"a":1}'), True),
        (("SESSION.PATCH", b"{prefix}x", b' [{"op":"remove","path":"/a"}]'), False),
        (("SESSION.SET", b"{prefix}x", b"{}", b"IFVERSION", b"1"), False),
    ],
)
async def test_a_call_whose_reply_is_lost_is_sent_again_if_that_is_harmless(
    server: Process, prefix: str, words: tuple[Any, ...], again: bool
) -> None:
    words = tuple(w.replace(b"{prefix}", prefix.encode()) if w != words[0] else w for w in words)
    async with Proxy(server.port) as proxy:
        client = Pipelined(redis.asyncio.Redis(port=proxy.port, **PATIENT), timeout=LIMIT)
        await client.execute_command("PING")
        proxy.swallow = True
        before = proxy.received
        call = asyncio.create_task(client.execute_command(*words))

        async def received() -> bool:
            return proxy.received > before

        await until("a request", received)
        proxy.swallow = False
        proxy.cut()
        if again:
            outcome = await asyncio.gather(call, return_exceptions=True)
            assert not isinstance(outcome[0], ConnectionError)
        else:
            with pytest.raises(ConnectionError, match="a change may have been made"):
                await call
        assert await client.execute_command("ECHO", "on") == b"on"
        await client.aclose()


async def test_a_connection_that_breaks_each_time_is_given_up(server: Process) -> None:
    async with Proxy(server.port) as proxy:
        client = Pipelined(redis.asyncio.Redis(port=proxy.port, **PATIENT), timeout=LIMIT)
        await client.execute_command("PING")
        proxy.poison = b"poison"
        with pytest.raises(ConnectionError, match="was lost before the reply"):
            await client.execute_command("ECHO", "poison")
        assert proxy.connections == 3
        await client.aclose()


async def test_a_primary_that_became_a_replica_is_left() -> None:
    with Group() as group:
        primary = group.start()
        replica = group.start(config=f"replicaof 127.0.0.1 {primary.port}")
        async with Proxy(replica.port) as proxy:
            client = Pipelined(redis.asyncio.Redis(port=proxy.port, **PATIENT), timeout=LIMIT)
            await client.execute_command("PING")
            # As a name that now leads to another server.
            proxy.target = primary.port
            writes = (client.execute_command("SET", f"k{n}", n) for n in range(20))
            reads = (client.execute_command("ECHO", str(n)) for n in range(20))
            replies = await asyncio.gather(*writes, *reads)
            assert replies == [b"OK"] * 20 + [str(n).encode() for n in range(20)]
            assert proxy.connections == 2
            # One that stays a replica says so in the end.
            proxy.target = replica.port
            proxy.cut()
            with pytest.raises(ReadOnlyError):
                await client.execute_command("SET", "k", 1)
            await client.aclose()


def is_replica(server: Process) -> bool:
    with server.client() as client:
        return bool(client.execute_command("ROLE")[0] == b"slave")


@pytest.mark.parametrize("dead", [True, False])
async def test_a_failover_by_sentinel_is_followed(prefix: str, dead: bool) -> None:
    with Group() as group:
        primary, _, sentinel = start_sentinel(group)
        found = Sentinel([("127.0.0.1", sentinel.port)], **PATIENT)
        master = found.master_for("mymaster", redis.asyncio.Redis)
        replica = found.slave_for("mymaster", redis.asyncio.Redis)
        backend = RedisBackend(master, prefix=prefix, replica=replica, timeout=LIMIT)
        ticket = await backend.create({"n": 1})
        await backend._link.client.execute_command("WAIT", 1, LIMIT * 1000)
        role = await backend._link.replica.execute_command("ROLE")
        assert role[0] == b"slave"
        if dead:
            primary.kill()
        await asyncio.to_thread(eventually, "a failover", lambda: fail_over(sentinel, primary))
        # Until the old primary knows, it takes writes, which are lost.
        await asyncio.to_thread(eventually, "one primary", lambda: dead or is_replica(primary))

        await until("a write", lambda: backend.patch(ticket, {"m": 1}))
        verified = await backend.verify(ticket)
        assert verified is not None
        assert verified.data == {"n": 1, "m": 1}
        about = await backend._link.client.execute_command("INFO", "server")
        assert f"tcp_port:{primary.port}\r" not in about.decode()
        await backend.close()
        await master.aclose()
        await replica.aclose()


class Passwords(redis.CredentialProvider):
    """A password that changes while the application runs."""

    def __init__(self) -> None:
        self.present = "first"

    def get_credentials(self) -> tuple[str, str]:
        return "ada", self.present


async def test_a_new_password_is_used_after_the_old_user_is_gone(own: Process) -> None:
    passwords = Passwords()
    with own.client() as admin:
        admin.execute_command("ACL", "SETUSER", "ada", "on", ">first", "~*", "&*", "+@all")
        plain = redis.asyncio.Redis(port=own.port, credential_provider=passwords, **PATIENT)
        client = Pipelined(plain, timeout=LIMIT)
        assert await client.execute_command("ACL", "WHOAMI") == b"ada"
        admin.execute_command("ACL", "DELUSER", "ada")
        with pytest.raises(AuthenticationError):
            await client.execute_command("ECHO", "x")
        passwords.present = "second"
        admin.execute_command("ACL", "SETUSER", "ada", "on", ">second", "~*", "&*", "+@all")
        assert await client.execute_command("ACL", "WHOAMI") == b"ada"
        # A connection whose login was reset from within is left, too.
        await client.execute_command("RESET")
        admin.execute_command("CONFIG", "SET", "requirepass", "third")
        assert await client.execute_command("ACL", "WHOAMI") in (b"ada", b"default")
        await client.aclose()


async def test_an_answer_that_is_no_protocol_is_a_lost_connection(server: Process) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    other = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    client = Pipelined(redis.asyncio.Redis(port=port), timeout=0.5)
    with pytest.raises(redis.RedisError):
        await client.execute_command("PING")
    await client.aclose()
    other.close()
