"""Exchange: the ticket of one request, and the headers that its response gets.

A middleware adds the headers, so that every response has the new cookie, also a redirect or an
error: after a login the old cookie is worthless. The middleware also puts the Exchange into the
request's scope, where guards find it.
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
    """The ticket that a request carries, or that its route gave out or took back."""

    gate: SocketGate
    """Set for a WebSocket only."""

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
        """Sets the connection to read headers from: the route's own, which may have parsed them."""
        self._connection = connection

    @property
    def connection(self) -> HTTPConnection | None:
        """The request, for listeners of signals; None when the application has finished."""
        return self._connection

    def end(self) -> None:
        """Drops the connection when the application has finished.

        The connection refers to the scope, and the scope to this Exchange. Such a cycle would keep
        the whole request alive until Python's garbage collector runs.
        """
        self._connection = None

    def _find(self) -> tuple[str, Frontend] | None:
        if not self._sought and self._connection is not None:
            self._found = find_ticket(self._frontends, self._connection, self._shaped)
            self._sought = True
        return self._found

    @property
    def ticket(self) -> str | None:
        """The ticket, or None. Raises Disagreement if the request carries two."""
        found = self._find()
        return found[0] if found else None

    @property
    def frontend(self) -> Frontend:
        """The frontend of the ticket, or of the ticket taken back; the first if there was none."""
        found = self._find()
        return found[1] if found else self._last

    def must_be_open(self) -> None:
        """RuntimeError if the response has begun. Call it before making a ticket for the client."""
        if not self._open:
            raise RuntimeError("a new token cannot reach the client: the response has begun")

    def give(self, ticket: str, max_age: int | None) -> None:
        """Makes `ticket` the request's, and sends it with the response. `max_age` is in seconds."""
        frontend = self.frontend
        self._found = ticket, frontend
        self._headers = frontend.give(ticket, max_age)

    def take(self) -> None:
        """Forgets the ticket, and makes the response remove it from the client."""
        self._last = self.frontend
        self._found = None
        if (connection := self._connection) is not None:
            self._headers = [
                header for frontend in self._frontends for header in frontend.take(connection)
            ]

    def add_headers(self, message: Message) -> None:
        """Adds the headers to the message that starts the response."""
        self._open = False
        if self._headers:
            add_headers(message, self._headers)


class ExchangeMiddleware:
    """Gives each request an Exchange, at `scope[name]`, and adds its headers to the response."""

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
    """The Exchange that the middleware put at `scope[name]`."""
    found: Any = connection.scope.get(name)
    if not isinstance(found, Exchange):
        raise RuntimeError("sessions are not part of this application: call install(app) first")
    found.begin(connection)
    return found
