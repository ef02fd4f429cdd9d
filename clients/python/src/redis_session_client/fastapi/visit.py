"""Visit: a visitor with or without a session, for routes that begin one, log in or log out."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Generic, TypeVar

from ..web.login import login
from ..web.signals import tell_login, tell_logout
from .checks import Checks
from .exchange import Exchange
from .models import new_data, patchable
from .session import LiveSession, written
from .store import SessionStore

log = logging.getLogger("redis_session_client")

M = TypeVar("M")


class Visit(Generic[M]):
    """A visitor, with a live session or without: to begin one, log in, and log out."""

    def __init__(
        self,
        store: SessionStore,
        exchange: Exchange,
        session: LiveSession[M] | None,
        checks: Checks[M],
        *,
        unusable: bool,
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._model = checks.model
        self._schema = checks.schema
        self._unusable = unusable
        """The request's session is live, but the guard's checks refuse it."""
        self._live = session is not None
        self._user = session.user if session is not None else None
        self.session = session
        """None without a live session, and for one whose data the route's checks refuse."""

    async def save(self, changes: Any) -> bool:
        """Patches the visitor's session, or begins one with the changes if there is none.

        Returns False, and stores nothing, if the session has ended since the request came: it stays
        ended. The same holds if a login or a logout within the last minute has retired the
        request's cookie: a new one would replace the login's.
        """
        if not self._live:
            if await self._superseded():
                log.warning("the request's cookie is retired; what the request wrote is dropped")
                return False
            await self._begin(changes, remember=False)
            return True
        ticket, write = self._exchange.ticket, self._store.backend.patch
        return await written(
            lambda: write(ticket or "", patchable(changes)),
            self._store,
            self._exchange,
            self._user,
        )

    async def start(self, data: Any, *, remember: bool = False) -> str:
        """Begins a session without a user, ends the visitor's former one, returns the ticket.

        With a model, fields that `data` leaves out are stored with the model's defaults.
        """
        if isinstance(data, list):
            raise TypeError("the data of a session that a Visit starts is an object")
        return await self._begin(data, remember=remember)

    async def _begin(self, changes: Any, *, remember: bool) -> str:
        self._exchange.must_be_open()
        backend, operations = self._store.backend, isinstance(changes, list)
        data = new_data(self._model, {} if operations else changes)
        ticket = await backend.create(data, schema=self._schema, **self._store.expiry)
        if operations:
            try:
                await backend.patch(ticket, changes)
            except BaseException:
                await backend.end(ticket)  # the client never gets its ticket
                raise
        await self._end_present()
        await self._begun(ticket, remember)
        return ticket

    async def login(
        self,
        user: str,
        changes: Any = None,
        *,
        remember: bool = False,
        lifetime: int | timedelta | None = None,
    ) -> str:
        """Gives the visitor's session a new ID, its user and `changes`, and returns the ticket.

        Without a session, a new one is made. A session of another user, or one whose data the
        route's checks refuse, is ended and replaced by a new one. The response's cookie has the
        ticket already. With `remember` the cookie outlives the browser, until the session's
        deadline. `lifetime` (seconds) replaces the manager's for this login.
        """
        self._exchange.must_be_open()
        added = patchable(changes) or {}
        if not isinstance(added, dict):
            raise TypeError("what a login adds is a dict or a model")
        if self._unusable:
            await self._end_present()
        # A whole model is stored as it is. Validating it again would run its default factories
        # again, and store other values than the caller's object has.
        whole = self._model is not None and isinstance(changes, self._model)
        expiry = self._store.expiry
        if lifetime is not None:
            expiry["ex"] = lifetime
        ticket = await login(
            self._store.backend,
            None if self._unusable else self._exchange.ticket,
            user,
            added,
            new=lambda plain: new_data(self._model, changes if whole else plain),
            schema=self._schema,
            max_sessions=self._store.max_sessions,
            **expiry,
        )
        await self._begun(ticket, remember)
        self._user = user
        await tell_login(self._store.backend, self._exchange.connection, user)
        return ticket

    async def logout(self) -> bool:
        """Ends the session, then removes the cookie. Returns whether there was one to end."""
        ticket = self._exchange.ticket
        ended = ticket is not None and await self._store.backend.end(ticket)
        self._exchange.take()
        self._live, user, self._user = False, self._user, None
        if ended:
            backend, connection = self._store.backend, self._exchange.connection
            await tell_logout(backend, connection, user, "logout")
        return ended

    async def _superseded(self) -> bool:
        """Whether the request carries the cookie of before a login or a logout."""
        ticket = None if self._unusable else self._exchange.ticket
        return ticket is not None and await self._store.backend.retired(ticket)

    async def _begun(self, ticket: str, remember: bool) -> None:
        self._live, self._unusable = True, False
        await self._store.give(self._exchange, ticket, remember)

    async def _end_present(self) -> None:
        if (ticket := self._exchange.ticket) is not None:
            await self._store.backend.end(ticket)
