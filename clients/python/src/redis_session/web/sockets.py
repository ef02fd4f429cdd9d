"""WebSockets that close when their session ends: who may open one, and how it is closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from .frontends import CookieFrontend, Frontend

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import Message, Receive, Send

log = logging.getLogger("redis_session")

REFUSED = 1008
FAILED = 1011
_PORTS = {"https": ":443", "http": ":80"}


def origin_schemes(frontends: Iterable[Frontend]) -> set[str]:
    """Those of our own pages: http too, where a cookie is for that."""
    insecure = any(isinstance(f, CookieFrontend) and f.policy.insecure for f in frontends)
    return {"https", "http"} if insecure else {"https"}


class Origins:
    """Whose pages may open a WebSocket: our own, and those of other origins that are named.

    A browser sends the cookie whichever page opens the socket, and always says which.
    """

    def __init__(self, schemes: Iterable[str], others: Sequence[str]) -> None:
        if isinstance(others, str):
            raise TypeError("origins takes a list of origins")
        self._schemes = frozenset(schemes)
        self._others = {origin.rstrip("/").lower() for origin in others}

    def admit(self, connection: HTTPConnection) -> bool:
        origin = connection.headers.get("origin", "").lower()
        if origin in self._others:
            return True
        scheme, _, host = origin.partition("://")
        if not host or scheme not in self._schemes:
            return False
        port = _PORTS[scheme]
        ours = connection.headers.get("host", "").lower()
        return host.removesuffix(port) == ours.removesuffix(port)


class SocketGate:
    """Stands between the server and the route. Once closed, the route finds the client gone."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self._shut = asyncio.Event()
        self._code = REFUSED
        self._closed = False
        self._missed: asyncio.Future[Message] | None = None

    async def close(self, code: int) -> None:
        async with self._sending:
            self._code = code
            self._shut.set()
            if not self._closed:
                self._closed = True
                # The client may have gone in this moment.
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
            # As when a route waits no longer. What came in this moment is for its next call.
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
                # What servers raise when the client is gone; Starlette makes WebSocketDisconnect
                # of it.
                raise OSError("the session has ended")
            self._closed = self._closed or message["type"] == "websocket.close"
            await self._send(message)


@asynccontextmanager
async def watched(
    gate: SocketGate, every: float, look: Callable[[], Awaitable[int | None]]
) -> AsyncIterator[None]:
    """Looks at the session every so many seconds, and closes with the code that `look` gives."""
    watch = asyncio.create_task(_watch(gate, every, look))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(gate: SocketGate, every: float, look: Callable[[], Awaitable[int | None]]) -> None:
    code = None
    while code is None:
        await asyncio.sleep(every)
        try:
            code = await look()
        except Exception:  # whatever it is: what cannot be verified is not served
            log.exception("a session could not be verified; its WebSocket is closed")
            code = FAILED
    await gate.close(code)
