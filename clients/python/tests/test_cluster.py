"""The commands in a cluster of three primaries: hash tags, all primaries, slots that move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.cluster import LoadBalancingStrategy
from redis.crc import key_slot
from support import shop, web
from support.servers import GRACE, LIMIT, Process, eventually

from redis_session_client import AsyncSessions, Conflict, Ids, NoSession, Sessions, _cluster
from redis_session_client.fastapi import SessionManager
from redis_session_client.ids import hash_tag
from redis_session_client.web import RedisBackend

Client = Any
REPLICAS = LoadBalancingStrategy.ROUND_ROBIN_REPLICAS


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def client(cluster: list[Process], request: pytest.FixtureRequest) -> Iterator[Client]:
    with cluster[0].cluster_client(protocol=request.param) as client:
        yield client


@pytest.fixture
def sessions(client: Client) -> Sessions:
    return Sessions(client)


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
async def aclient(cluster: list[Process], request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    client = cluster[0].async_cluster_client(protocol=request.param)
    yield client
    await client.aclose()


def node_of(cluster: list[Process], key: str) -> int:
    """The number of the primary that has the slot of a key."""
    return key_slot(key.encode()) * len(cluster) // 16384


def tag_on(cluster: list[Process], node: Process, prefix: str) -> str:
    """A hash tag whose slot is on a node, and in which no other test has keys."""
    tags = (f"{prefix}{n}" for n in range(1000))
    return next(tag for tag in tags if cluster[node_of(cluster, tag)] is node)


def many_users_sessions(sessions: Sessions, prefix: str, user: str) -> list[str]:
    """Creates sessions of one user on every node, and returns their keys."""
    return [sessions.create(f"{prefix}{{{n:04x}}}:*", {"n": n}, user=user).key for n in range(24)]


def test_new_keys_get_a_random_tag(sessions: Sessions, prefix: str) -> None:
    keys = {sessions.create(f"{prefix}*", {}).key for _ in range(20)}
    tags = {hash_tag(key) for key in keys}
    assert len(tags) > 10
    assert all(tag is not None and len(tag) == 4 for tag in tags)
    assert all(sessions.get(key) is not None for key in keys)


def test_the_user_may_be_the_tag(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = [
        sessions.create(f"{prefix}{{{user}}}:*", {}, user=user, max_sessions=2).key
        for _ in range(5)
    ]
    live = [s.key for s in sessions.list(user)]
    assert len(live) == 2
    assert keys[-1] in live


def test_a_rotation_stays_in_the_slot(sessions: Sessions, prefix: str) -> None:
    old = sessions.create(f"{prefix}*", {}).key
    new = sessions.rotate(old, f"{prefix}*", user=f"{prefix}ada")
    assert hash_tag(new.key) == hash_tag(old)
    assert sessions.get(old) is None
    with pytest.raises(NoSession):
        sessions.patch(old, {"late": True})


def test_every_command_finds_its_node(sessions: Sessions, prefix: str) -> None:
    for n in range(12):
        key = sessions.create(f"{prefix}{{{n:04x}}}:*", {"n": n, "code": 1}).key
        assert sessions.touch(key) is True
        assert sessions.pop(key, "/code") == {"/code": 1}
        assert sessions.patch(key, {"m": 1}) == 3
        assert sessions.get_paths(key, "/n") == {"/n": n}
        assert sessions.info(key) is not None
        assert sessions.verify(key) is not None
        assert sessions.get(key, replica_ok=True) is not None
        assert sessions.delete(key) == 1


def test_lists_and_revocations_in_parts_cover_all_nodes(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = many_users_sessions(sessions, prefix, user)
    for key in keys[::3]:
        sessions.touch(key)
    listed = sessions.list(user, "/n")
    assert {session.key for session in listed} == set(keys)
    order = [(-s.info.accessed, -s.info.created, s.key) for s in listed]
    assert order == sorted(order)
    first = sessions.list(user, limit=5)
    assert [s.key for s in first] == [s.key for s in listed[:5]]
    some = sessions.list_fields(user, ["version"], "/n", limit=5)
    assert [s.key for s in some] == [s.key for s in listed[:5]]
    assert [s.values for s in some] == [s.values for s in listed[:5]]
    ended = [sessions.revoke(user, limit=2) for _ in range(12)]
    # Three primaries end two sessions each in one call.
    assert ended[0] == 6
    assert sum(ended) == len(keys)
    assert ended[-1] == 0
    assert sessions.list(user) == []


def replica_gets(replica: Process) -> int:
    with replica.client(decode_responses=True) as client:
        stats = client.info("commandstats").get("cmdstat_session.get", {"calls": 0})
        return int(stats["calls"])


def test_reads_go_to_replicas_only_where_that_is_said(
    cluster: list[Process], cluster_replica: Process, prefix: str
) -> None:
    tag = tag_on(cluster, cluster[0], prefix)
    with cluster[0].cluster_client(load_balancing_strategy=REPLICAS) as client:
        sessions = Sessions(client)
        key = sessions.create(f"{prefix}{{{tag}}}:*", {"n": 1}).key
        before = replica_gets(cluster_replica)
        assert sessions.get(key) is not None
        assert replica_gets(cluster_replica) == before
        eventually("a replica in step", lambda: sessions.get(key, replica_ok=True))
        assert replica_gets(cluster_replica) > before


async def test_the_asynchronous_client_reads_from_replicas_too(
    cluster: list[Process], cluster_replica: Process, prefix: str
) -> None:
    tag = tag_on(cluster, cluster[0], prefix)
    client = cluster[0].async_cluster_client(load_balancing_strategy=REPLICAS)
    sessions = AsyncSessions(client)
    await sessions.create_as(f"{prefix}{{{tag}}}", {"n": 1})
    before = replica_gets(cluster_replica)
    await sessions.get(f"{prefix}{{{tag}}}", replica_ok=True)
    assert replica_gets(cluster_replica) == before + 1
    await client.aclose()


def test_lists_of_all_primaries_are_one(
    sessions: Sessions, cluster: list[Process], prefix: str
) -> None:
    user = f"{prefix}ada"
    keys = many_users_sessions(sessions, prefix, user)
    assert len({node_of(cluster, key) for key in keys}) == 3
    listed = sessions.list(user, "/n")
    assert sorted(s.values["/n"] for s in listed) == list(range(24))
    accessed = [s.info.accessed for s in listed]
    assert accessed == sorted(accessed, reverse=True)


def test_a_revocation_reaches_all_primaries(sessions: Sessions, prefix: str) -> None:
    user = f"{prefix}ada"
    keys = many_users_sessions(sessions, prefix, user)
    assert sessions.revoke(user, only=keys[:3]) == 3
    assert sessions.revoke(user, keep=[keys[5]]) == 20
    assert [s.key for s in sessions.list(user)] == [keys[5]]
    assert sessions.revoke(user) == 1


def test_schemas_are_set_and_removed_on_all_primaries(
    sessions: Sessions, cluster: list[Process], prefix: str
) -> None:
    name = f"{prefix}s"
    sessions.schema_set(name, {"type": "object"})
    for node in cluster:
        with node.client() as one:
            assert Sessions(one).schema_get(name) == '{"type":"object"}'
    assert name in {entry.name for entry in sessions.schema_list()}
    with pytest.raises(Conflict):
        sessions.schema_set(name, True, nx=True)
    with cluster[1].client() as one:
        Sessions(one).schema_delete(name)
    assert name not in {entry.name for entry in sessions.schema_list()}
    assert sessions.schema_delete(name) == 1
    assert sessions.schema_get(name) is None


def test_a_pattern_without_a_tag_would_be_an_error(client: Client, prefix: str) -> None:
    """So `create` adds one."""
    with pytest.raises(redis.ResponseError, match="needs a hash tag"):
        client.execute_command("SESSION.SET", f"{prefix}*", "{}")


class Interrupted:
    """A cluster client that calls `then` once, after the first REVOKE of a round."""

    def __init__(self, client: Client, then: Callable[[], None]) -> None:
        self._client = client
        self._then: list[Callable[[], None]] = [then]
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def execute_command(self, *words: Any, **options: Any) -> Any:
        reply = self._client.execute_command(*words, **options)
        if words[0] == "SESSION.REVOKE":
            self.asked.append(options["target_nodes"].port)
            while self._then:
                self._then.pop()()
        return reply


def epochs(node: redis.Redis) -> frozenset[tuple[str, str]]:
    """The configuration epoch of each node of the cluster, as one of them knows it."""
    peers = [line.split(" ") for line in node.execute_command("CLUSTER", "NODES").splitlines()]
    return frozenset((peer[0], peer[6]) for peer in peers)


@pytest.mark.parametrize("closed", [False, True], ids=["slot-stays-open", "slot-is-closed"])
def test_a_revocation_misses_no_session_while_its_slot_moves(
    client: Client, cluster: list[Process], prefix: str, closed: bool
) -> None:
    """All keys of a slot move to a node just after it was asked, before their own node is."""
    order = [node.port for node in client.get_primaries()]
    source = next(node for node in cluster if node.port == order[-1])
    target = next(node for node in cluster if node.port == order[0])
    tag = tag_on(cluster, source, prefix)
    user = f"{prefix}ada"
    sessions = Sessions(client)
    keys = [sessions.create(f"{prefix}{{{tag}}}:*", {}, user=user).key for _ in range(20)]
    slot = key_slot(tag.encode())
    clients = [node.client(decode_responses=True) for node in cluster]
    a, b = clients[cluster.index(source)], clients[cluster.index(target)]
    ids = {node: node.execute_command("CLUSTER", "MYID") for node in clients}
    owner = a

    def begin(owner: redis.Redis, taker: redis.Redis) -> None:
        taker.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner])
        owner.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[taker])

    def end(taker: redis.Redis) -> None:
        nonlocal owner
        # The new owner first: it takes a new epoch, which all must know before the next slot moves.
        for node in sorted(clients, key=lambda node: node is not taker):
            node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[taker])
        eventually("one view of all epochs", lambda: len({epochs(node) for node in clients}) == 1)
        owner = taker

    def move() -> None:
        a.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, LIMIT * 1000, "KEYS", *keys)
        if closed:
            end(b)

    begin(a, b)
    interrupted = Interrupted(client, move)
    try:
        assert Sessions(interrupted).revoke(user) == 20
        assert len(interrupted.asked) > 3, "one round cannot have been enough"
        assert b.execute_command("SESSION.LIST", user) == []
    finally:
        # Back by a move of its own: a claim without a new epoch could lose against that of `b`, and
        # the slot would belong to nobody.
        if owner is b:
            begin(b, a)
            end(a)
        else:
            for node in (a, b):
                node.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")
        for node in clients:
            node.close()
    eventually("a client with the new map of slots", lambda: Sessions(client).list(user) == [])


def test_slots_that_never_rest_are_an_error_and_no_silence(
    client: Client, cluster: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter([((str(n),), False) for n in range(100)])
    monkeypatch.setattr(_cluster, "own_slots", lambda text: next(states))
    monkeypatch.setattr(_cluster, "PASSES", 3)
    with pytest.raises(redis.RedisError, match="do not come to rest"):
        Sessions(client).revoke("nobody")


async def test_the_asynchronous_client_does_the_same(aclient: Client, prefix: str) -> None:
    sessions = AsyncSessions(aclient)
    user = f"{prefix}ada"
    name = f"{prefix}s"
    await sessions.schema_set(name, {"type": "object"})
    assert name in {entry.name for entry in await sessions.schema_list()}
    assert await sessions.schema_get(name) == '{"type":"object"}'
    keys = [
        (await sessions.create(f"{prefix}*", {"n": n}, user=user, schema=name)).key
        for n in range(12)
    ]
    rotated = await sessions.rotate(keys[0], f"{prefix}*", grace=GRACE)
    assert await sessions.get(keys[0], replica_ok=True) is not None
    listed = await sessions.list(user, "/n")
    assert {s.key for s in listed} == {rotated.key, *keys[1:]}
    assert await sessions.revoke(user, keep=[keys[3]]) == 11
    assert await sessions.revoke(user) == 1
    assert await sessions.schema_delete(name) == 1


async def test_the_first_command_may_be_one_for_all_primaries(
    cluster: list[Process], prefix: str
) -> None:
    client = cluster[0].async_cluster_client()
    assert await AsyncSessions(client).revoke(f"{prefix}nobody") == 0
    await client.aclose()
    client = cluster[0].async_cluster_client()
    assert await AsyncSessions(client).list(f"{prefix}nobody") == []
    await client.aclose()


async def test_cookies_of_the_backend_have_the_tag(aclient: Client, prefix: str) -> None:
    backend = RedisBackend(aclient, prefix=prefix, tag_by_user=True)
    ticket = await backend.create({"n": 1})
    tag, dot, token = ticket.partition(".")
    assert (len(tag), dot, len(token)) == (4, ".", 43)
    assert backend.shaped(ticket)
    assert not backend.shaped(token)
    login = await backend.rotate(ticket, user="ada")
    assert login.partition(".")[0] == tag
    tickets = [await backend.create({}, user="ada", max_sessions=2) for _ in range(4)]
    assert len({t.partition(".")[0] for t in tickets}) == 1
    live = [t for t in tickets if await backend.verify(t)]
    assert len(live) == 2
    assert tickets[-1] in live
    assert await backend.end_all("ada", keep=login) == 2
    assert await backend.end(login)


def test_an_application_runs_on_a_cluster(cluster: list[Process], prefix: str) -> None:
    client = cluster[2].async_cluster_client()
    manager = SessionManager(RedisBackend(client, prefix=prefix), insecure=True)
    with (
        web.served(shop.make(manager)) as url,
        web.client(url) as browser,
        web.client(url) as other,
    ):
        browser.post("/add", params={"item": 7})
        tag, _, token = browser.cookies["session"].partition(".")
        assert len(tag) == 4
        for n in range(4):
            assert (browser if n == 0 else other).post("/login", params={"user": "ada"})
            other.cookies.clear()
        assert browser.cookies["session"].startswith(f"{tag}.")
        assert browser.get("/read").json()["data"]["items"] == [7]
        for wrong in (token, f"{tag}{token}", f"{tag}.", f"ffff.{token}", f"{{{tag}}}.{token}"):
            reply = web.get(f"{url}/read", headers={"cookie": f"session={wrong}"})
            assert reply.status_code == 401
        assert len(browser.get("/devices").json()["devices"]) == 4
        assert browser.post("/devices/end-others").json() == {"ended": 3}
        assert browser.post("/logout").json() == {"ended": True}


def test_ids_and_the_commands_agree_on_keys(sessions: Sessions, prefix: str) -> None:
    ids = Ids(prefix, tagged=True)
    created = sessions.create(f"{prefix}*", {})
    assert ids.key(ids.cookie(created.key, created.token)) == created.key
