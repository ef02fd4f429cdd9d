"""WebSockets of sessions: how one closes when the session ends.

The server sends no message when a session ends, so `watched` checks the session at intervals.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

log = logging.getLogger("redis_session_client")

REFUSED = 1008
"""Close code: the session has ended, or may not open this socket."""
FAILED = 1011
"""Close code: the session could not be verified."""


class SocketGate:
    """Wraps `receive` and `send` of a WebSocket, so that it can be closed from outside the route.

    After `close` the route sees what it sees when a client has disconnected.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self._shut = asyncio.Event()
        self._code = REFUSED
        self._closed = False
        self._missed: asyncio.Future[Message] | None = None

    async def close(self, code: int) -> None:
        """Closes the socket, once, and wakes a route that waits in `receive`."""
        async with self._sending:
            self._code = code
            self._shut.set()
            if not self._closed:
                self._closed = True
                # The client may disconnect at this moment.
                with suppress(OSError, RuntimeError):
                    await self._send({"type": "websocket.close", "code": code})

    async def receive(self) -> Message:
        message = self._missed or asyncio.ensure_future(self._receive())
        self._missed = None
        shut = asyncio.ensure_future(self._shut.wait())
        either: set[asyncio.Future[Any]] = {message, shut}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The route stopped waiting. A message that has just arrived is for its next call.
            self._missed = message if message.done() else None
            raise
        finally:
            message.cancel()
            shut.cancel()
        if self._shut.is_set():
            return {"type": "websocket.disconnect", "code": self._code}
        return message.result()

    async def send(self, message: Message) -> None:
        async with self._sending:
            if self._shut.is_set():
                # Servers raise OSError when the client is gone; Starlette turns it into
                # WebSocketDisconnect.
                raise OSError("the session has ended")
            self._closed = self._closed or message["type"] == "websocket.close"
            await self._send(message)


@asynccontextmanager
async def watched(
    gate: SocketGate, every: float, look: Callable[[], Awaitable[int | None]]
) -> AsyncIterator[None]:
    """Calls `look` every `every` seconds while the block runs.

    A code that `look` returns closes the gate, and so does an exception (with FAILED).
    """
    over = asyncio.Event()
    watch = asyncio.create_task(_watch(gate, every, look, over))
    try:
        yield
    finally:
        # `over` is needed too: with a socket timeout, redis-py can lose a cancellation while it
        # waits for a reply (a defect of asyncio.wait_for before Python 3.12).
        over.set()
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(
    gate: SocketGate,
    every: float,
    look: Callable[[], Awaitable[int | None]],
    over: asyncio.Event,
) -> None:
    code = None
    while code is None:
        await asyncio.sleep(every)
        try:
            code = await look()
        except Exception:  # of any kind: without a verified session nothing is served
            log.exception("a session could not be verified; its WebSocket is closed")
            code = FAILED
        if over.is_set():
            return
    await gate.close(code)
