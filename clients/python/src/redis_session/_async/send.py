"""Sends calls: to the node of a key, or to every primary."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from redis.exceptions import RedisError, ResponseError

from .. import _cluster
from .._calls import Call
from .._cluster import Slots
from .._waiting import learn_nodes_async, pause_async
from ..errors import translated

T = TypeVar("T")


class AsyncClient(Protocol):
    """A client of redis-py: Redis, the master_for of a Sentinel, or RedisCluster."""

    async def execute_command(self, *args: Any, **options: Any) -> Any: ...


class AsyncSender:
    def __init__(self, client: AsyncClient, replica: AsyncClient | None) -> None:
        self.client: Any = client
        self.replica: Any = replica
        self.cluster = _cluster.is_cluster(client)

    async def one(self, call: Call[T], *, replica_ok: bool = False) -> T:
        """To the node that has the key; to any node where the call has none."""
        client, options = self.client, {}
        if self.cluster:
            await learn_nodes_async(client)
            if call.key is None:
                options["target_nodes"] = client.get_random_node()
            elif replica_ok and _cluster.reads_replicas(client):
                node = client.get_node_from_key(call.key, replica=True)
                options.update({"target_nodes": node} if node else {})
        elif replica_ok and self.replica is not None:
            client = self.replica
        return await _run(client, call, options)

    async def every(self, call: Call[T]) -> list[T]:
        """To every primary, one after the other."""
        if not self.cluster:
            return [await _run(self.client, call, {})]
        await learn_nodes_async(self.client)
        nodes = self.client.get_primaries()
        return [await _run(self.client, call, {"target_nodes": node}) for node in nodes]

    async def until_at_rest(self, call: Call[int]) -> int:
        """To every primary, until no slot moved meanwhile; the sum of the replies."""
        if not self.cluster:
            return await _run(self.client, call, {})
        total, alike = 0, 0
        for _ in range(_cluster.PASSES):
            before = await self._slots()
            total += sum(await self.every(call))
            after = await self._slots()
            alike = alike + 1 if before == after else 0
            if _cluster.at_rest(before, after, alike):
                return total
            await pause_async(_cluster.PAUSE)
        raise RedisError("the cluster's slots do not come to rest; revoke again later")

    async def _slots(self) -> list[Slots]:
        """What every primary says of its own slots, and the client's map made new."""
        await self.client.nodes_manager.initialize()
        slots: list[Slots] = []
        for node in sorted(self.client.get_primaries(), key=lambda node: str(node.name)):
            # As a plain reply: redis-py would parse CLUSTER NODES by name, and drop what moves.
            reply = await self.client.execute_command("CLUSTER", "NODES", target_nodes=node)
            slots.append(_cluster.own_slots(reply))
        return slots


async def _run(client: Any, call: Call[T], options: dict[str, Any]) -> T:
    try:
        reply = await client.execute_command(*call.words, **options)
    except ResponseError as error:
        raise translated(error) from None
    return call.read(reply)
