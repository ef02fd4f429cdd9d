"""Visit: a visitor with or without a session, for routes that begin one, log in or log out."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Generic

from pydantic import BaseModel

from ..web.login import login
from ..web.signals import tell_login, tell_logout
from .blocking import blocking
from .checks import Checks
from .exchange import Exchange
from .models.writes import new_data, patch_of_all, without_nulls
from .session import LiveSession
from .store import SessionStore
from .writing import M, Writing

log = logging.getLogger("redis_session_client")


class Visit(Writing, Generic[M]):
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
        self._user = None if session is None else session.user
        self._session_schema = None if session is None else session.info.schema
        self._present = "{}" if session is None else session.text
        """The text of the data that the session has; of an object, if that is not known."""
        self.session = session
        """None without a live session, and for one whose data the route's checks refuse."""

    @property
    def sync(self) -> BlockingVisit[M]:
        """The same methods for a route that is a plain function (`def`)."""
        return BlockingVisit(self)

    @property
    def _own_schema(self) -> str | None:
        return self._session_schema

    @property
    def _own_user(self) -> str | None:
        return self._user

    def _logged_in(self, user: str | None) -> None:
        self._user = user

    async def save(self, changes: Any) -> bool:
        """Writes to the visitor's session, or begins one if there is none.

        A dict is a JSON Merge Patch and a list a JSON Patch. A model is written as a whole, None
        and defaults included.

        Returns False, and stores nothing, if the session has ended since the request came: it stays
        ended. The same holds if a login or a logout within the last minute has retired the
        request's cookie: a new one would replace the login's.
        """
        if self._live:
            return await self._patch(patch_of_all(changes, self._present), changes)
        if await self._superseded():
            log.warning("the request's cookie is retired; what the request wrote is dropped")
            return False
        await self._start(changes, patch=True)
        return True

    async def start(self, data: Any, *, remember: bool = False) -> str:
        """Begins a session, ends the visitor's former one, and returns the ticket.

        `data` is stored as it is, None included. With a model, fields that `data` leaves out are
        stored with the model's defaults. The session has no user, except with
        `SessionManager(principal=...)` the one that `data` names.
        """
        if isinstance(data, list):
            raise TypeError("the data of a session that a Visit starts is an object")
        return await self._start(data, patch=False, remember=remember)

    async def _start(self, given: Any, *, patch: bool, remember: bool = False) -> str:
        user = self._named_user(given)
        ticket = await self._begin(given, user=user, patch=patch, remember=remember)
        self._begun(user)
        if user is not None:
            await tell_login(self._store.backend, self._exchange.connection, user, ticket)
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
        if changes is not None and not isinstance(changes, dict | BaseModel):
            raise TypeError("what a login adds is a dict or a model")
        given = {} if changes is None else changes
        present = self._exchange.ticket
        former = None if self._unusable else present
        # Without a former session what is given is the data, and no patch is needed.
        added = None if former is None else patch_of_all(given, self._present)
        expiry = self._store.expiry
        if lifetime is not None:
            expiry["ex"] = lifetime
        ticket = await login(
            self._store.backend,
            former,
            user,
            added,
            # A whole model is stored as it is. Validating it again would run its default factories
            # again, and store other values than the caller's object has.
            new=lambda _: new_data(self._model, without_nulls(given)),
            schema=self._schema,
            max_sessions=self._store.max_sessions,
            **expiry,
        )
        if self._unusable and present is not None:
            await self._store.backend.end(present)
        self._begun(user)
        await self._store.give(self._exchange, ticket, remember)
        await tell_login(self._store.backend, self._exchange.connection, user, ticket)
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

    def _begun(self, user: str | None) -> None:
        """Notes that the session is another now."""
        self._live, self._unusable, self._user = True, False, user
        self._session_schema, self._present = self._schema, "{}"


class BlockingVisit(Generic[M]):
    """The methods of a Visit, for routes that are plain functions. See there."""

    def __init__(self, visit: Visit[M]) -> None:
        self.save = blocking(visit.save)
        self.start = blocking(visit.start)
        self.login = blocking(visit.login)
        self.logout = blocking(visit.logout)
