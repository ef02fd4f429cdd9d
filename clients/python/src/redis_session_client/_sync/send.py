# Generated from ../_async/send.py by tools/make_sync.py: change that file.
"""Sends a Call: to the node of its key, or to every primary of a cluster."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from redis.exceptions import RedisError, ResponseError

from .. import _cluster
from .._calls import Call
from .._cluster import Slots
from .._waiting import learn_nodes, pause
from ..errors import translated

T = TypeVar("T")


class Client(Protocol):
    """A client of redis-py: Redis, a Sentinel's master_for, or RedisCluster."""

    def execute_command(self, *args: Any, **options: Any) -> Any: ...


class Sender:
    """Sends calls on one client, and reads that allow it on the replica's client."""

    def __init__(self, client: Client, replica: Client | None) -> None:
        self.client: Any = client
        self.replica: Any = replica
        self.cluster = _cluster.is_cluster(client)

    def one(self, call: Call[T], *, replica_ok: bool = False) -> T:
        """To the node that has the key, or to any node for a call without a key."""
        client, options = self.client, {}
        if self.cluster:
            learn_nodes(client)
            if call.key is None:
                options["target_nodes"] = client.get_random_node()
            elif replica_ok and _cluster.reads_replicas(client):
                node = client.get_node_from_key(call.key, replica=True)
                options.update({"target_nodes": node} if node else {})
        elif replica_ok and self.replica is not None:
            client = self.replica
        return _execute(client, call, options)

    def every(self, call: Call[T]) -> list[T]:
        """To every primary, one after the other."""
        if not self.cluster:
            return [_execute(self.client, call, {})]
        learn_nodes(self.client)
        nodes = self.client.get_primaries()
        return [_execute(self.client, call, {"target_nodes": node}) for node in nodes]

    def until_at_rest(self, call: Call[int]) -> int:
        """To every primary, in rounds until no slot has moved. Returns the sum of all replies.

        RedisError if slots still move after `_cluster.PASSES` rounds.
        """
        if not self.cluster:
            return _execute(self.client, call, {})
        total, alike = 0, 0
        for _ in range(_cluster.PASSES):
            before = self._slots()
            total += sum(self.every(call))
            after = self._slots()
            alike = alike + 1 if before == after else 0
            if _cluster.at_rest(before, after, alike):
                return total
            pause(_cluster.PAUSE)
        raise RedisError("the cluster's slots do not come to rest; revoke again later")

    def _slots(self) -> list[Slots]:
        """Every primary's own slots. Also refreshes the client's map of nodes."""
        self.client.nodes_manager.initialize()
        slots: list[Slots] = []
        for node in sorted(self.client.get_primaries(), key=lambda node: str(node.name)):
            # Two words, so that redis-py returns the plain reply. It would parse the reply of
            # "CLUSTER NODES", and drop the slots that are moving.
            reply = self.client.execute_command("CLUSTER", "NODES", target_nodes=node)
            slots.append(_cluster.own_slots(reply))
        return slots


def _execute(client: Any, call: Call[T], options: dict[str, Any]) -> T:
    try:
        reply = client.execute_command(*call.words, **options)
    except ResponseError as error:
        raise translated(error, client) from None
    return call.read(reply)
