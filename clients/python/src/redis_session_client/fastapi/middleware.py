"""ExchangeMiddleware: gives each request an Exchange, and its headers to the response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..web.frontends import Frontend
from ..web.sockets import SocketGate
from .exchange import Exchange


class ExchangeMiddleware:
    """Puts an Exchange at `scope[name]`. `end` ends a session, by ticket."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        name: str,
        frontends: Sequence[Frontend],
        shaped: Callable[[str], bool],
        end: Callable[[str], Awaitable[Any]],
    ) -> None:
        self._app = app
        self._name = name
        self._frontends = frontends
        self._shaped = shaped
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # An application around this one can have the same manager: one Exchange serves both.
        if scope["type"] not in ("http", "websocket") or self._name in scope:
            return await self._app(scope, receive, send)
        exchange = Exchange(scope, self._frontends, self._shaped)
        scope[self._name] = exchange
        if scope["type"] == "websocket":
            exchange.gate = SocketGate(receive, send)
            receive, send = exchange.gate.receive, exchange.gate.send
        else:
            send = partial(_send_with_headers, exchange, self._end, send)
        try:
            await self._app(scope, receive, send)
        except Exception:
            # The answer to this is made outside of this middleware, unless it has begun already.
            if exchange.open:
                await exchange.undo(self._end)
            raise
        finally:
            exchange.end()


async def _send_with_headers(
    exchange: Exchange, end: Callable[[str], Awaitable[Any]], send: Send, message: Message
) -> None:
    if message["type"] == "http.response.start":
        await exchange.start(message, end)
    await send(message)
