"""valkey-glide beside redis-py: an adapter that gives its clients the interface of redis-py's.

    backend = RedisBackend(adapted(GlideClientConfiguration([NodeAddress("localhost")])))

The adapter sends custom commands, and turns errors into redis-py's, which the rest of the package
knows. A client of glide belongs to the event loop that made it, so the adapter of a configuration
makes one for each loop, at its first command. Needs the extra `glide`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, cast

import redis.exceptions as theirs
from glide import (
    AllPrimaries,
    Batch,
    ByAddressRoute,
    ClosingError,
    ConnectionError,
    GlideClient,
    GlideClientConfiguration,
    GlideClusterClient,
    GlideClusterClientConfiguration,
    GlideError,
    Route,
    SlotKeyRoute,
    SlotType,
    TimeoutError,
)

__all__ = ["GlideAdapter", "GlideClusterAdapter", "adapted"]

T = TypeVar("T")
C = TypeVar("C", GlideClient, GlideClusterClient)

_SIGNALLED = re.compile(r"An error was signalled by the server\W+(\w+): (.*)", re.DOTALL)
_CODED = re.compile(r"([A-Z]{2,}): (.*)", re.DOTALL)
_KINDS: dict[str, type[theirs.RedisError]] = {
    "PermissionDenied": theirs.NoPermissionError,
    "ReadOnly": theirs.ReadOnlyError,
    "MasterDown": theirs.MasterDownError,
    "BusyLoadingError": theirs.BusyLoadingError,
    "ClusterDown": theirs.ClusterDownError,
    "TryAgain": theirs.TryAgainError,
    "OOM": theirs.OutOfMemoryError,
    "NOAUTH": theirs.AuthenticationError,
    "WRONGPASS": theirs.AuthenticationError,
}
"""Kinds of errors for which redis-py has a class of its own."""


def translated(error: GlideError) -> theirs.RedisError:
    """The exception that redis-py raises in the same place."""
    text = str(error)
    if isinstance(error, TimeoutError):
        return theirs.TimeoutError(text)
    if isinstance(error, (ConnectionError, ClosingError)):
        return theirs.ConnectionError(text)
    if found := _SIGNALLED.fullmatch(text):
        return _KINDS.get(found[1], theirs.ResponseError)(found[2])
    if found := _CODED.fullmatch(text):
        return _KINDS.get(found[1], theirs.ResponseError)(f"{found[1]} {found[2]}")
    return theirs.RedisError(text)


async def _answered(reply: Awaitable[T]) -> T:
    try:
        return await reply
    except GlideError as error:
        raise translated(error) from None


class _Clients(Generic[C]):
    """One client for each event loop; or the application's own, for the loop that made it."""

    def __init__(self, create: Callable[[], Awaitable[C]] | None, own: C | None) -> None:
        self._create: Any = create
        self._own: Any = own
        self._made: dict[asyncio.AbstractEventLoop, asyncio.Future[C]] = {}

    async def get(self) -> C:
        """The running loop's client. redis-py's ConnectionError if none can be made."""
        if self._own is not None:
            found: C = self._own
            return found
        loop = asyncio.get_running_loop()
        if (made := self._made.get(loop)) is None:
            for other in [other for other in self._made if other.is_closed()]:
                del self._made[other]
            made = self._made[loop] = asyncio.ensure_future(self._create())
        try:
            return await asyncio.shield(made)
        except GlideError as error:
            if self._made.get(loop) is made:
                del self._made[loop]  # the next command tries again
            raise translated(error) from None

    async def close(self) -> None:
        """Closes the running loop's client, if it was made here."""
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await (await made).close()


class GlideAdapter:
    """Sends commands to one server, with redis-py's `execute_command`. `adapted` makes it."""

    def __init__(self, clients: _Clients[GlideClient]) -> None:
        self._clients = clients

    async def execute_command(self, *words: str | bytes, **options: Any) -> Any:
        """Sends one command."""
        client = await self._clients.get()
        return await _answered(client.custom_command(list(words)))

    async def execute_all(self, commands: Sequence[Sequence[str | bytes]]) -> list[Any]:
        """Sends commands in one round trip. Returns their replies; an error of the server is one.

        They are no transaction.
        """
        batch = Batch(is_atomic=False)
        for words in commands:
            batch.custom_command(list(words))
        client = await self._clients.get()
        replies = await _answered(client.exec(batch, raise_on_error=False))
        return [
            translated(reply) if isinstance(reply, GlideError) else reply for reply in replies or []
        ]

    async def aclose(self) -> None:
        """Closes the running loop's client, if the adapter made it."""
        await self._clients.close()


class Node:
    """A primary of a cluster."""

    def __init__(self, address: str) -> None:
        self.name = address
        host, _, port = address.rpartition(":")
        self.host, self.port = host, int(port)
        self.route: Route = ByAddressRoute(self.host, self.port)


class _Replica:
    """A replica that has the key, or the primary where none has."""

    def __init__(self, key: str) -> None:
        self.route: Route = SlotKeyRoute(SlotType.REPLICA, key)


class GlideClusterAdapter:
    """Sends commands to a cluster, with what this package uses of redis-py's RedisCluster.

    With `read_from_replicas`, reads that allow it go to replicas. The client needs
    `read_from=ReadFrom.PREFER_REPLICA` for that: otherwise the replica sends them to the primary.
    """

    def __init__(self, clients: _Clients[GlideClusterClient], read_from_replicas: bool) -> None:
        self._clients = clients
        self.read_from_replicas = read_from_replicas
        self.nodes_manager = _Nodes(clients)

    async def initialize(self) -> None:
        """Asks for the primaries, if nobody has yet."""
        if not self.nodes_manager.primaries:
            await self.nodes_manager.initialize()

    def get_primaries(self) -> list[Node]:
        """The primaries that have slots."""
        return self.nodes_manager.primaries

    def get_random_node(self) -> Node:
        """One of the primaries."""
        return random.choice(self.nodes_manager.primaries)  # noqa: S311

    def get_node_from_key(self, key: str, replica: bool = False) -> _Replica | None:
        """The node to name for a read from a replica; None leaves the choice to glide."""
        return _Replica(key) if replica else None

    async def execute_command(
        self, *words: str | bytes, target_nodes: Node | _Replica | None = None
    ) -> Any:
        """Sends one command to the given node, or to the primary that has its first key."""
        route = None if target_nodes is None else target_nodes.route
        client = await self._clients.get()
        return await _answered(client.custom_command(list(words), route))

    async def aclose(self) -> None:
        """Closes the running loop's client, if the adapter made it."""
        await self._clients.close()


class _Nodes:
    """The map of the cluster's primaries."""

    def __init__(self, clients: _Clients[GlideClusterClient]) -> None:
        self._clients = clients
        self.primaries: list[Node] = []

    async def initialize(self) -> None:
        """Reads the map anew, from all primaries that glide knows.

        A primary that only they know is in it too: glide itself looks for changes of the cluster
        once a minute. A call to one that it is not connected to yet is an error, and not left out.
        """
        client = await self._clients.get()
        reply = await _answered(client.custom_command(["CLUSTER", "NODES"], AllPrimaries()))
        addresses: dict[str, str] = {}
        for known, text in cast("dict[bytes, bytes]", reply).items():
            address = known.decode()
            for line in text.decode().splitlines():
                number, where, flags, *rest = line.split(" ")
                kinds = flags.split(",")
                if "master" not in kinds or not rest[5:] or {"fail", "noaddr"} & set(kinds):
                    continue
                # glide names a node as the cluster prefers to: by its address, or by a host name.
                own = address if "myself" in kinds else where.partition(",")[0].partition("@")[0]
                if "myself" in kinds or number not in addresses:
                    addresses[number] = own
        self.primaries = [Node(address) for address in addresses.values()]


def adapted(
    client: (
        GlideClientConfiguration
        | GlideClusterClientConfiguration
        | GlideClient
        | GlideClusterClient
    ),
    *,
    read_from_replicas: bool = False,
) -> GlideAdapter | GlideClusterAdapter:
    """The client for AsyncSessions, RedisBackend and SessionManager.

    Of a configuration, clients are made when they are needed; `aclose` of the adapter closes them.
    A client of your own stays yours to close.

    `read_from_replicas` is for a cluster, whose configuration needs `read_from` too; TypeError for
    one server, because glide sends custom commands to its primary only.
    """
    if isinstance(client, GlideClusterClient):
        return GlideClusterAdapter(_Clients(None, client), read_from_replicas)
    if isinstance(client, GlideClusterClientConfiguration):
        create = partial(GlideClusterClient.create, client)
        return GlideClusterAdapter(_Clients(create, None), read_from_replicas)
    if read_from_replicas:
        raise TypeError("read_from_replicas is for a cluster")
    if isinstance(client, GlideClient):
        return GlideAdapter(_Clients(None, client))
    if isinstance(client, GlideClientConfiguration):
        return GlideAdapter(_Clients(partial(GlideClient.create, client), None))
    raise TypeError(
        f"a configuration or a client of glide is needed, not a {type(client).__name__}"
    )
