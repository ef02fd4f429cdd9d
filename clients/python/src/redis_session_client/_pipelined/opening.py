"""Opens a connection with redis-py, and takes its transport out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry


class NotPipelined(Exception):
    """The client's connections have no transport of asyncio that could be taken over."""


@dataclass
class Opened:
    """A connection on which the login is done, and no reply is due."""

    transport: Any
    """A transport of asyncio, or of uvloop."""
    writer: Any
    """The StreamWriter. It would close the transport when it is forgotten, so keep it."""
    address: str
    """Host and port, or the path of the Unix socket."""


async def opened(pool: Any) -> Opened:
    """Makes one attempt to connect with the settings of redis-py's pool.

    Raises redis-py's ConnectionError and its subclasses, and NotPipelined.
    """
    connection = pool.make_connection()
    # The caller tries again, within the time that a call has.
    connection.retry = Retry(NoBackoff(), 0)
    try:
        await connection.connect()
    finally:
        # Connections to Sentinels belong to this event loop, and the next use can be in another.
        for sentinel in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
            await sentinel.connection_pool.disconnect(inuse_connections=False)
    reader, writer = getattr(connection, "_reader", None), getattr(connection, "_writer", None)
    transport: Any = getattr(writer, "transport", None)
    if reader is None or not hasattr(transport, "set_protocol"):
        await connection.disconnect()
        raise NotPipelined
    address = address_of(connection)
    # redis-py would close the socket when it forgets the connection.
    connection._reader = connection._writer = None
    if transport.is_closing() or reader.at_eof():
        transport.abort()
        raise ConnectionError(f"{address} has closed the connection")
    return Opened(transport, writer, address)


def address_of(connection: Any) -> str:
    """Host and port, or the path of the Unix socket."""
    path = getattr(connection, "path", None)
    return str(path) if path else f"{connection.host}:{connection.port}"
