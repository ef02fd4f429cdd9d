"""WebSockets that close when their session ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from redis.exceptions import RedisError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .visit import Visit

log = logging.getLogger("redis_session")

REFUSED = 1008
FAILED = 1011
_PORTS = {"https": ":443", "http": ":80"}


def own_origin(connection: HTTPConnection, schemes: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a page of ours, or of one of the others, opens this socket."""
    origin = connection.headers.get("origin", "").lower()
    if origin in others:
        return True
    scheme, host, *_ = urlsplit(origin)
    port = _PORTS.get(scheme, "")
    ours = connection.headers.get("host", "").lower()
    return scheme in schemes and host.removesuffix(port) == ours.removesuffix(port)


class Watched:
    """One socket of the application, and the task that looks after its session."""

    def __init__(self, visit: Visit, every: float, receive: Receive, send: Send) -> None:
        self._visit = visit
        self._every = every
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self._ended = asyncio.Event()
        self._code = REFUSED
        self._closed = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        watch = asyncio.create_task(self._watch())
        try:
            await app(scope, self.receive, self.send)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._every)
                if not await self._visit.live():
                    break
        except (RedisError, OSError):
            log.exception("a session could not be verified; its WebSocket is closed")
            self._code = FAILED
        async with self._sending:
            self._ended.set()
            if not self._closed:
                self._closed = True
                # The client may have gone in this moment.
                with suppress(OSError, RuntimeError):
                    await self._send({"type": "websocket.close", "code": self._code})

    async def receive(self) -> Message:
        """The next message, or that the client is gone, once the session is."""
        message = asyncio.ensure_future(self._receive())
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({message, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                return message.result()
        finally:
            message.cancel()
            ended.cancel()
        return {"type": "websocket.disconnect", "code": self._code}

    async def send(self, message: Message) -> None:
        async with self._sending:
            if self._ended.is_set():
                # Servers raise this when the client is gone; Starlette takes it for a disconnect.
                raise OSError("the session has ended")
            self._closed = self._closed or message["type"] == "websocket.close"
            await self._send(message)
