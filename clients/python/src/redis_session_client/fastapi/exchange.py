"""Exchange: the ticket of one request, what is known of its session, and the response's headers.

middleware.py puts one into each request's scope, where guards find it, and adds the headers to
every response, also to a redirect or an error.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from ..results import DetailedSession
from ..web.frontends import (
    Disagreement,
    Frontend,
    Headers,
    add_headers,
    find_ticket,
    mark_private,
)
from ..web.sockets import SocketGate
from .refusals import OtherOrigin

log = logging.getLogger("redis_session_client")


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
        self.open = scope["type"] == "http"
        """The response has not begun, so it can still get headers."""
        self._begun = False
        """The route has begun or logged in the present session."""
        self._verified: list[tuple[frozenset[str], int | None, DetailedSession]] = []
        self.foreign = False
        """Another site's page sent the request, as far as that is checked."""

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

    # The ticket.

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
        """Call it before making a ticket for the client.

        RuntimeError if the response has begun. OtherOrigin if another site's page sent the request:
        it must not log its visitor in to ours.
        """
        if not self.open:
            raise RuntimeError("a new token cannot reach the client: the response has begun")
        if self.foreign and self.frontend.ambient:
            raise OtherOrigin

    def give(self, ticket: str, max_age: int | None, *, begun: bool = True) -> None:
        """Makes `ticket` the request's, and sends it with the response. `max_age` is in seconds.

        With `begun` the route has begun or logged in the session; otherwise it has rotated it.
        """
        frontend = self.frontend
        self._found = ticket, frontend
        self._headers = frontend.give(ticket, max_age)
        self._begun = begun or self._begun
        self._verified = []

    def take(self) -> None:
        """Forgets the ticket, and makes the response remove it from the client."""
        self._last = self.frontend
        self._found = None
        self._begun = False
        self._verified = []
        if (connection := self._connection) is not None:
            self._headers = [
                header for frontend in self._frontends for header in frontend.take(connection)
            ]

    # What is known of the session.

    def known(self, schemas: Sequence[str], fresh: int | None) -> DetailedSession | None:
        """The session, if this request has verified it with these schemas already.

        So a guard of a router and another of its route cost one VERIFY, not two.
        """
        for checked, age, found in self._verified:
            new_enough = fresh is None or (age is not None and age <= fresh)
            if new_enough and checked.issuperset(schemas):
                return found
        return None

    def remember(self, schemas: Sequence[str], fresh: int | None, found: DetailedSession) -> None:
        self._verified.append((frozenset(schemas), fresh, found))

    def forget(self) -> None:
        """Call it before a write: a later guard of this request then reads the session again."""
        self._verified = []

    # The response.

    async def start(self, message: Message, end: Callable[[str], Awaitable[Any]]) -> None:
        """Adds the headers to the message that starts the response.

        An error saves no login: it ends the session that the route has begun or logged in.
        """
        if self._begun and message["status"] >= 400:
            await self.undo(end)
        self.open = False
        if self._headers:
            add_headers(message, self._headers)
        if self._connection is not None:
            mark_private(message, self._frontends, self._carried())

    async def undo(self, end: Callable[[str], Awaitable[Any]]) -> None:
        """Ends the session that the route has begun or logged in; nothing without one.

        If that took the place of the visitor's former session, the response removes the former
        cookie, which has become useless. Otherwise the response sets none.
        """
        if not self._begun or self._found is None:
            return
        ticket, _ = self._found
        self.take()
        try:
            await end(ticket)
        except Exception:
            # The client does not get the ticket, so nobody can use the session. It will expire.
            log.exception("a session whose login has failed could not be ended")

    def _carried(self) -> bool:
        """Whether the request has a ticket, or carried one that it has taken back."""
        if self._headers:
            return True
        try:
            return self.ticket is not None
        except Disagreement:
            return True


def exchange_of(connection: HTTPConnection, name: str) -> Exchange:
    """The Exchange that the middleware put at `scope[name]`."""
    found: Any = connection.scope.get(name)
    if not isinstance(found, Exchange):
        raise RuntimeError("sessions are not part of this application: call install(app) first")
    found.begin(connection)
    return found
