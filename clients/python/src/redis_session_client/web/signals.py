"""Signals: functions of the application that are told what happens to its sessions.

    from redis_session_client.fastapi import signals

    @signals.logged_in.connect
    async def greet(event: signals.LoggedIn) -> None:
        audit.info("login of %s from %s", event.user, event.client)

Each signal has one type of event. Its text never shows session data, a ticket or a key. A caller
asks whether a signal has listeners before it makes an event, so that a signal without listeners
costs nothing.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from .protocol import Backend, Device

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

log = logging.getLogger("redis_session_client")

Reason: TypeAlias = Literal[
    "no_session", "stale", "schema", "model", "verifier", "two_sessions", "origin", "no_schema"
]
"""Why a request was refused: it has no live session; its user authenticated too long ago; a schema,
the route's model, or a function refuses the session; it carries two tickets; it comes from another
site's page; the server lacks a schema that the route names."""

Logout: TypeAlias = Literal["logout", "device", "others", "everywhere"]
"""What ended the sessions: the visitor's logout, or the user in `end_device`, `end_others` or
`end_everywhere`."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all events have."""

    backend: Backend = field(repr=False)
    """The backend of the application that it happened in: `event.backend is sessions.backend`."""
    connection: HTTPConnection | None = field(default=None, repr=False, compare=False)
    """The request or WebSocket. It carries the ticket, so do not store it."""

    @property
    def client(self) -> str | None:
        """The client's address, as the ASGI server names it."""
        address = self.connection.client if self.connection is not None else None
        return address.host if address is not None else None


@dataclass(frozen=True, kw_only=True)
class LoggedIn(Event):
    """A session got a user."""

    user: str
    ticket: str | None = field(default=None, repr=False, compare=False)
    """The new ticket, a secret that opens the session: for `devices`."""

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, the new one among them as `current`."""
        return await self.backend.devices(self.user, *pointers, current=self.ticket)


@dataclass(frozen=True, kw_only=True)
class LoggedOut(Event):
    """Sessions were ended by their user or visitor. A timeout sends no event."""

    user: str | None
    """None for a session without a user."""
    how: Logout
    sessions: int
    """How many sessions ended, 1 or more."""


@dataclass(frozen=True, kw_only=True)
class Refused(Event):
    """A request did not pass a guard. For an optional session that is no refusal of the visitor."""

    reason: Reason
    schema: str | None = None
    """The name of the schema or of the model that refused the session, where one did."""


@dataclass(frozen=True, kw_only=True)
class Lost(Event):
    """A write came too late: the session had ended since the request came. It changed nothing."""

    user: str | None
    """The session's user when the request came, if it is known."""


E = TypeVar("E", bound=Event)
Listener: TypeAlias = "Callable[[E], Awaitable[None] | None]"
F = TypeVar("F", bound=Callable[..., "Awaitable[None] | None"])


class Signal(Generic[E]):
    """Calls its listeners with each event, one after the other. It is true if it has listeners.

    The request waits for them: a listener that takes long should begin a task. An exception of a
    listener is logged, and changes nothing for the request.
    """

    def __init__(self, kind: type[E]) -> None:
        self._kind = kind
        self._listeners: tuple[Listener[E], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def __repr__(self) -> str:
        return f"<Signal of {self._kind.__name__}, {len(self._listeners)} listeners>"

    def connect(self, listener: F) -> F:
        """Adds a function, `async` or not, that takes the event. It can be used as a decorator.

        A function that is connected already is not added again. TypeError for what is no function.
        """
        if not callable(listener):
            raise TypeError(f"a listener is a function that takes the event, not {listener!r}")
        if listener not in self._listeners:
            self._listeners = (*self._listeners, listener)
        return listener

    def disconnect(self, listener: Callable[..., Awaitable[None] | None]) -> None:
        """Removes a function. ValueError if it is not connected."""
        if listener not in self._listeners:
            raise ValueError("this function is not connected to the signal")
        self._listeners = tuple(one for one in self._listeners if one != listener)

    async def send(self, event: E) -> None:
        """Calls all listeners that are connected now."""
        for listener in self._listeners:
            try:
                waiting = listener(event)
                if inspect.isawaitable(waiting):
                    await waiting
            except Exception:
                log.exception("a listener of %s failed", self._kind.__name__)


logged_in = Signal(LoggedIn)
logged_out = Signal(LoggedOut)
refused = Signal(Refused)
lost = Signal(Lost)


Connection: TypeAlias = "HTTPConnection | None"


async def tell_login(
    backend: Backend, connection: Connection, user: str, ticket: str | None = None
) -> None:
    """Tells listeners that a session got its user, and has this new ticket."""
    if logged_in:
        await logged_in.send(
            LoggedIn(user=user, ticket=ticket, backend=backend, connection=connection)
        )


async def tell_logout(
    backend: Backend, connection: Connection, user: str | None, how: Logout, ended: int = 1
) -> None:
    """Tells listeners that `ended` sessions of the user were ended; nothing if that is 0."""
    if logged_out and ended:
        await logged_out.send(
            LoggedOut(user=user, how=how, sessions=ended, backend=backend, connection=connection)
        )


async def tell_refused(
    backend: Backend, connection: Connection, reason: Reason, schema: str | None = None
) -> None:
    """Tells listeners that a request was refused."""
    if refused:
        await refused.send(
            Refused(reason=reason, schema=schema, backend=backend, connection=connection)
        )


async def tell_lost(backend: Backend, connection: Connection, user: str | None) -> None:
    """Tells listeners that a write was dropped, because its session had ended."""
    if lost:
        await lost.send(Lost(user=user, backend=backend, connection=connection))
