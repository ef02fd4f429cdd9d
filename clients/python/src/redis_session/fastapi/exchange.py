"""One request: the ticket that it carries, and what its response will say of it.

The response's headers are added by a middleware, so a new cookie goes out with whatever response
the route makes, a redirect or an error too: after a login the old one is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..web.frontends import Frontend, Headers, add_headers, find_ticket
from ..web.sockets import SocketGate


class Exchange:
    gate: SocketGate
    """Of a WebSocket."""

    def __init__(
        self, scope: Scope, frontends: Sequence[Frontend], shaped: Callable[[str], bool]
    ) -> None:
        self._connection: HTTPConnection | None = None
        self._frontends = frontends
        self._shaped = shaped
        self._sought = False
        self._found: tuple[str, Frontend] | None = None
        self._last = frontends[0]
        self._headers: Headers = []
        self._open = scope["type"] == "http"

    def begin(self, connection: HTTPConnection) -> None:
        """Looks at the request by this, which may have read the headers already."""
        self._connection = connection

    def end(self) -> None:
        """When the application is through. A connection has the scope, and that has this: such a
        circle, and all that hangs on it, would stay until Python's garbage collector finds it."""
        self._connection = None

    def _find(self) -> tuple[str, Frontend] | None:
        if not self._sought and self._connection is not None:
            self._found = find_ticket(self._frontends, self._connection, self._shaped)
            self._sought = True
        return self._found

    @property
    def ticket(self) -> str | None:
        """Raises Disagreement where the request carries two."""
        found = self._find()
        return found[0] if found else None

    @property
    def frontend(self) -> Frontend:
        """The one that the ticket came by, or that which was taken; without a ticket the first."""
        found = self._find()
        return found[1] if found else self._last

    def must_be_open(self) -> None:
        """To be asked before a ticket is made that the client is to have."""
        if not self._open:
            raise RuntimeError("a new token cannot reach the client: the response has begun")

    def give(self, ticket: str, max_age: int | None) -> None:
        frontend = self.frontend
        self._found = ticket, frontend
        self._headers = frontend.give(ticket, max_age)

    def take(self) -> None:
        self._last = self.frontend
        self._found = None
        if (connection := self._connection) is not None:
            self._headers = [
                header for frontend in self._frontends for header in frontend.take(connection)
            ]

    def add_headers(self, message: Message) -> None:
        self._open = False
        if self._headers:
            add_headers(message, self._headers)


class ExchangeMiddleware:
    def __init__(
        self,
        app: ASGIApp,
        *,
        name: str,
        frontends: Sequence[Frontend],
        shaped: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._name = name
        self._frontends = frontends
        self._shaped = shaped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        exchange = Exchange(scope, self._frontends, self._shaped)
        scope[self._name] = exchange
        if scope["type"] == "websocket":
            exchange.gate = SocketGate(receive, send)
            receive, send = exchange.gate.receive, exchange.gate.send
        else:
            send = partial(_send_with_headers, exchange, send)
        try:
            await self._app(scope, receive, send)
        finally:
            exchange.end()


async def _send_with_headers(exchange: Exchange, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        exchange.add_headers(message)
    await send(message)


def exchange_of(connection: HTTPConnection, name: str) -> Exchange:
    found: Any = connection.scope.get(name)
    if not isinstance(found, Exchange):
        raise RuntimeError("sessions are not part of this application: call install(app) first")
    found.begin(connection)
    return found
