"""Guards of WebSockets: the session is checked at the handshake, then at intervals."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

from fastapi import HTTPException, WebSocketException
from starlette.websockets import WebSocket

from ..web.frontends import Disagreement
from ..web.origins import Origins, origin_schemes
from ..web.sockets import FAILED, REFUSED, watched
from .admission import Admission
from .checks import Checks
from .refusals import OtherOrigin, TwoSessions
from .session import LiveSession

M = TypeVar("M")


class SocketGuard(Generic[M]):
    """Accepts a handshake from our own origin with a live session, and closes when that ends.

    `origins` are other origins (`https://app.example.org`) that may connect. Every `every` seconds
    the session is verified again; that check does not count as an access. The socket is closed with
    code 1008 when the session has ended, no longer passes, or has a new ID (after a login, or after
    a rotation and its grace period), and with 1011 when the server cannot be reached.
    """

    def __init__(
        self, admission: Admission, checks: Checks[M], origins: Sequence[str], every: float
    ) -> None:
        self._admission = admission
        self._checks = checks
        self._origins = Origins(origin_schemes(admission.frontends), origins)
        self._every = every
        self.__signature__ = inspect.Signature(
            [inspect.Parameter("connection", inspect.Parameter.KEYWORD_ONLY, annotation=WebSocket)]
        )

    async def __call__(self, *, connection: WebSocket) -> AsyncIterator[LiveSession[M]]:
        exchange = self._admission.exchange(connection)
        try:
            if exchange.frontend.ambient and not self._origins.admit(connection):
                raise OtherOrigin
            session = await self._admission.admit(connection, self._checks)
        except Disagreement:
            await self._admission.tell(TwoSessions(), connection)
            raise WebSocketException(REFUSED) from None
        except HTTPException as refused:
            await self._admission.tell(refused, connection)
            raise WebSocketException(_code(refused)) from None

        async def look() -> int | None:
            try:
                await self._admission.admit(connection, self._checks, no_touch=True)
            except HTTPException as refused:
                return _code(refused)
            return None

        async with watched(exchange.gate, self._every, look):
            yield session


def _code(refused: HTTPException) -> int:
    return REFUSED if refused.status_code < 500 else FAILED
