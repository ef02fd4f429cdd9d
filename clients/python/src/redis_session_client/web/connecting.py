"""The client of a backend: made from a URL or given, with a time-out, pipelined where it can be.

`connect_async` is for RedisBackend, `connect` for SyncRedisBackend and its blocking client.
tools/make_sync.py turns calls of the first into calls of the second.
"""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

from .._pipelined.client import Pipelined

TIMEOUT = 2.0
"""Seconds that a call may take, unless the application says otherwise."""
_OWN_TIMEOUT = "timeout: this client has its own; set its socket_timeout"


class Link:
    """The clients that a backend sends commands on, and what to close after use."""

    def __init__(self, client: Any, replica: Any, owned: Any) -> None:
        self.client = client
        """Has `execute_command`."""
        self.replica = replica
        """Likewise, for reads; None without one."""
        self._owned = owned
        """The client of redis-py, if it was made from a URL."""

    def close(self) -> None:
        """Closes the blocking client, if it was made here."""
        if self._owned is not None:
            self._owned.close()

    async def aclose(self) -> None:
        """Closes the pipelined connections, and the client if it was made here."""
        for client in (self.client, self.replica):
            if isinstance(client, Pipelined):
                await client.aclose()
        if self._owned is not None:
            await self._owned.aclose()


def connect_async(client: Any, replica: Any, timeout: float | None, pipelined: bool) -> Link:
    """A link on a URL or a client of redis.asyncio, and a client of a replica or None.

    `timeout` is in seconds; None is the time-out that the URL or the client has, else `TIMEOUT`.
    A cluster's client, one of another library and a subclass with a way of its own to send commands
    are used as they are. TypeError with `timeout` for such a client, which has its own, and for a
    blocking client of redis-py, whose commands would stop the event loop.
    """
    for given in (client, replica):
        if isinstance(given, (redis.Redis, redis.RedisCluster)):
            kind = type(given).__name__
            raise TypeError(f"this needs a client of redis.asyncio: redis.asyncio.{kind}(...)")
    seconds = checked(timeout)
    owned = None
    if isinstance(client, str):
        seconds = seconds or _in_url(client)
        client = owned = redis.asyncio.Redis.from_url(client, **_limits(seconds))
    if pipelined:
        client, replica = _pipelined(client, seconds), _pipelined(replica, seconds)
    if seconds and owned is None and not isinstance(client, Pipelined):
        raise TypeError(_OWN_TIMEOUT)
    return Link(client, replica, owned)


def _pipelined(client: Any, seconds: float | None) -> Any:
    """The client, pipelined if it sends commands to one server in redis-py's own way."""
    kind = redis.asyncio.Redis
    if not isinstance(client, kind) or type(client).execute_command is not kind.execute_command:
        return client
    return Pipelined(client, timeout=seconds or _of_client(client))


def connect(client: Any, replica: Any, timeout: float | None) -> Link:
    """A link on a URL, or on a blocking client. TypeError with `timeout` for a client."""
    seconds = checked(timeout)
    owned = None
    if isinstance(client, str):
        # A lost connection is tried again; a server that does not answer in time is not.
        again = Retry(ExponentialBackoff(cap=0.5, base=0.05), 4, (ConnectionError,))
        limits = _limits(seconds or _in_url(client))
        client = owned = redis.Redis.from_url(client, retry=again, **limits)
    elif seconds:
        raise TypeError(_OWN_TIMEOUT)
    return Link(client, replica, owned)


def checked(timeout: float | None) -> float | None:
    """The argument `timeout`. TypeError or ValueError if it is no number of seconds above 0."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"timeout={timeout!r}: give a number of seconds")
    if not 0 < timeout < float("inf"):
        raise ValueError(f"timeout={timeout!r}: give a number of seconds above 0")
    return float(timeout)


def _limits(seconds: float) -> dict[str, Any]:
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


def _in_url(url: str) -> float:
    """The URL's own socket_timeout, or TIMEOUT. redis-py refuses one that is no number."""
    found = parse_qs(urlsplit(url).query).get("socket_timeout")
    try:
        return float(found[0]) if found else TIMEOUT
    except ValueError:
        return TIMEOUT


def _of_client(client: Any) -> float:
    """A client's own socket_timeout; TIMEOUT if it has none, or redis-py's default."""
    own = client.connection_pool.connection_kwargs.get("socket_timeout")
    default = inspect.signature(redis.asyncio.Redis.__init__).parameters["socket_timeout"].default
    return TIMEOUT if own is None or own == default or own <= 0 else float(own)
