"""Pipelined: a client that sends all commands of an event loop over one connection.

In redis-py each command takes a connection from a pool, runs within retries and timers, and reads
its reply alone, which costs a request most of what its session costs. Here commands of one moment
are written together, and a reply is found by its place in the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from .line import Line
from .opening import NotPipelined


class Pipelined:
    """Commands of a client of redis.asyncio, over one connection for each event loop.

    `client` is a Redis of redis.asyncio, or a Sentinel's `master_for` or `slave_for`; its settings
    make the connection. A call fails with redis-py's TimeoutError after `timeout` seconds. It waits
    for a server that refuses connections, which may just be restarting, for `patience` seconds at
    most, and fails with redis-py's ConnectionError. After a lost connection a call is sent again,
    except a JSON Patch and a change with `if_version`, which could take effect twice.

    A client whose connections are no sockets of asyncio keeps its own `execute_command`.
    """

    def __init__(self, client: Any, *, timeout: float = 2.0, patience: float = 2.0) -> None:
        self._lines: dict[asyncio.AbstractEventLoop, Line] = {}
        if not timeout > 0:
            raise ValueError(f"timeout={timeout!r}: give seconds, more than 0")
        self._client = client
        self._timeout = timeout
        self._patience = patience
        self._plain = False

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        """Sends one command, and returns its reply as bytes, int, list or dict, or raises."""
        if not options and not self._plain:
            line = self._lines.get(asyncio.get_running_loop()) or await self._opened()
            try:
                return await line.send(words)
            except NotPipelined:
                self._plain = True
        return await self._client.execute_command(*words, **options)

    async def execute_all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Sends commands in one write. Returns their replies; an error of the server is one too.

        Raises as `execute_command` does if the server cannot be asked.
        """
        if not self._plain:
            line = self._lines.get(asyncio.get_running_loop()) or await self._opened()
            sent = [line.send(tuple(words)) for words in commands]
        else:
            sent = [self._client.execute_command(*words) for words in commands]
        replies = await asyncio.gather(*sent, return_exceptions=True)
        for reply in replies:
            if isinstance(reply, NotPipelined):
                self._plain = True
                return await self.execute_all(commands)
            if isinstance(reply, BaseException) and not isinstance(reply, ResponseError):
                raise reply
        return replies

    @property
    def connection_pool(self) -> Any:
        """The pool of redis-py that makes the connections."""
        return self._client.connection_pool

    async def _opened(self) -> Line:
        """The line of the running event loop, made if it has none."""
        loop = asyncio.get_running_loop()
        lines = self._lines
        for other in [other for other in lines if other.is_closed()]:
            lines.pop(other, None)

        def gone() -> None:
            if lines.get(loop) is line:
                del lines[loop]

        pool = self._client.connection_pool
        line = lines[loop] = Line(pool, self._timeout, self._patience, gone)
        await line.open()
        return line

    async def aclose(self) -> None:
        """Closes the connections. A later command opens a new one."""
        here = asyncio.get_running_loop()
        for loop, line in list(self._lines.items()):
            if loop is here:
                line.close()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(line.close)
        # The transport closes its socket in the next turn of the loop.
        await asyncio.sleep(0)

    def __del__(self) -> None:
        for loop, line in list(self._lines.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(line.close)
