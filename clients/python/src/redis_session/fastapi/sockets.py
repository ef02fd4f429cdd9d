"""Guards of WebSockets: checked at the handshake, then at intervals."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from fastapi import HTTPException, WebSocketException
from starlette.websockets import WebSocket

from ..web import Disagreement
from .exchange import Exchange
from .guard import Checks
from .session import LiveSession

if TYPE_CHECKING:
    from .manager import SessionManager

log = logging.getLogger("redis_session")

M = TypeVar("M")

REFUSED = 1008
FAILED = 1011


class SocketGuard(Generic[M]):
    """Accepts a handshake from our own origin with a live session, and closes when that ends.

    `origins` are other origins (`https://app.example.org`) that may connect. Every `every` seconds
    the session is verified again, which is no access. When it has ended, no longer passes, or has a
    new ID (after a login, or a rotation and its grace), the socket is closed with 1008; with 1011
    when the server cannot be asked.
    """

    def __init__(
        self, manager: SessionManager, checks: Checks[M], origins: Sequence[str], every: float
    ) -> None:
        self._manager = manager
        self._checks = checks
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._every = every
        self.__signature__ = inspect.Signature(
            [inspect.Parameter("connection", inspect.Parameter.KEYWORD_ONLY, annotation=WebSocket)]
        )

    async def __call__(self, *, connection: WebSocket) -> AsyncIterator[LiveSession[M]]:
        exchange = self._manager.exchange(connection)
        try:
            # A browser sends the cookie whichever page opens the socket, and always says which.
            if exchange.frontend.ambient and not self._own_origin(connection):
                raise WebSocketException(REFUSED)
            session = await self._manager.admit(connection, self._checks)
        except Disagreement:
            raise WebSocketException(REFUSED) from None
        except HTTPException as refused:
            code = REFUSED if refused.status_code < 500 else FAILED
            raise WebSocketException(code) from None
        watch = asyncio.create_task(self._watch(exchange, connection))
        try:
            yield session
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    def _own_origin(self, connection: WebSocket) -> bool:
        origin = connection.headers.get("origin", "").lower()
        if origin in self._origins:
            return True
        scheme, host, *_ = urlsplit(origin)
        port = {"https": ":443", "http": ":80"}.get(scheme, "")
        ours = connection.headers.get("host", "").lower()
        return scheme in self._manager.origin_schemes and host.removesuffix(
            port
        ) == ours.removesuffix(port)

    async def _watch(self, exchange: Exchange, connection: WebSocket) -> None:
        code = REFUSED
        while True:
            await asyncio.sleep(self._every)
            try:
                await self._manager.admit(connection, self._checks, no_touch=True)
            except HTTPException as refused:
                code = REFUSED if refused.status_code < 500 else FAILED
                break
            except Exception:  # whatever it is: what cannot be verified is not served
                log.exception("a session could not be verified; its WebSocket is closed")
                code = FAILED
                break
        if exchange.gate is not None:
            # The client may have gone in this moment.
            with suppress(OSError, RuntimeError):
                await exchange.gate.close(code)
