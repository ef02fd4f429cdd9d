"""What a route gets: the live session, and the visit of someone who may have none."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import NoSession, WrongType
from ..results import DetailedSession, Info
from ..web import Device, login
from .exchange import Exchange
from .models import jsonable, new_data, patchable

if TYPE_CHECKING:
    from .guard import Checks
    from .manager import SessionManager

log = logging.getLogger("redis_session")

M = TypeVar("M")


class LiveSession(Generic[M]):
    """A session that was live, and good, when the request came.

    It may end while the request runs. A write then is dropped and logged, and brings nothing back.
    """

    def __init__(
        self,
        manager: SessionManager,
        exchange: Exchange,
        found: DetailedSession,
        data: M,
        schema: str | None,
    ) -> None:
        self._manager = manager
        self._exchange = exchange
        self._schema = schema
        self.data = data
        """The data as it was when the request came, as the route's model or as plain JSON."""
        self.text = found.text
        """The same as JSON text."""
        self.info: Info = found.info
        self.user = found.info.user

    @property
    def _ticket(self) -> str:
        ticket = self._exchange.ticket
        if ticket is None:
            raise NoSession("this request has logged out")
        return ticket

    async def patch(self, changes: Any, *, if_version: int | None = None) -> bool:
        """Changes what it names, in the server; False where the session has ended meanwhile.

        A dict is a JSON Merge Patch, a list a JSON Patch, a model a merge patch of what was set in
        it. `data` stays what it was.
        """
        write = self._manager.backend.patch
        return await _written(
            lambda: write(self._ticket, patchable(changes), if_version=if_version)
        )

    async def replace(self, data: M, *, if_version: int | None = None) -> bool:
        """Replaces all data; with a model, the model's schema becomes the session's own.

        Raises Conflict where the version is no longer `if_version`, which `info.version` is.
        """
        write = self._manager.backend.set
        return await _written(
            lambda: write(self._ticket, jsonable(data), if_version=if_version, schema=self._schema)
        )

    async def pop(self, *pointers: str) -> dict[str, Any]:
        """Reads and removes in one step, for one-time codes: what was there, by pointer."""
        try:
            return await self._manager.backend.pop(self._ticket, *pointers)
        except (NoSession, WrongType):
            return {}

    async def rotate(self, *, grace: int | None = 5000, remember: bool = False) -> bool:
        """A new ticket for the same session. Requests under way have `grace` ms with the old one.

        For a change of rights within a login. A login itself is `Visit.login`.
        """
        self._exchange.must_be_open()
        try:
            ticket = await self._manager.backend.rotate(self._ticket, grace=grace)
        except (NoSession, WrongType):
            return False
        await self._manager.give(self._exchange, ticket, remember)
        return True

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, with what is at these pointers; none where there is no user."""
        if self.user is None:
            return []
        backend = self._manager.backend
        return await backend.devices(self.user, *pointers, current=self._ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends that one of this user's sessions which `devices` gave this handle."""
        return self.user is not None and await self._manager.backend.end_device(self.user, handle)

    async def end_others(self) -> int:
        """Logs the user out everywhere else; how many sessions ended."""
        if self.user is None:
            return 0
        return await self._manager.backend.end_all(self.user, keep=self._ticket)

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too."""
        if self.user is None:
            return 0
        ended = await self._manager.backend.end_all(self.user)
        self._exchange.take()
        return ended


class Visit(Generic[M]):
    """A visitor, with a live session or without: to begin one, log in, and log out."""

    def __init__(
        self,
        manager: SessionManager,
        exchange: Exchange,
        session: LiveSession[M] | None,
        checks: Checks[M],
        *,
        unusable: bool,
    ) -> None:
        self._manager = manager
        self._exchange = exchange
        self._model = checks.model
        self._schema = checks.schema
        self._unusable = unusable
        self._live = session is not None
        self.session = session
        """None where there is no live session, or one whose data is not what the route asks for."""

    async def save(self, changes: Any) -> bool:
        """Patches the visitor's session, or makes one of the changes where there is none.

        A session that was there when the request came and has ended since stays ended: False.
        """
        if not self._live:
            await self._begin(changes, remember=False)
            return True
        ticket, write = self._exchange.ticket, self._manager.backend.patch
        return await _written(lambda: write(ticket or "", patchable(changes)))

    async def start(self, data: Any, *, remember: bool = False) -> str:
        """A new session without a user; one that was there before ends. Returns the ticket.

        With a model, what `data` leaves out is stored as the model's defaults.
        """
        if isinstance(data, list):
            raise TypeError("the data of a session that a Visit starts is an object")
        return await self._begin(data, remember=remember)

    async def _begin(self, changes: Any, *, remember: bool) -> str:
        self._exchange.must_be_open()
        backend, operations = self._manager.backend, isinstance(changes, list)
        data = new_data(self._model, {} if operations else changes)
        ticket = await backend.create(data, schema=self._schema, **self._manager.expiry)
        if operations:
            try:
                await backend.patch(ticket, changes)
            except BaseException:
                await backend.end(ticket)  # nobody will ever have its ticket
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
        """The visitor's session under a new ID, with its user and what the login adds.

        Where there is none, a new one; where it is another user's, or its data is not what the
        route asks for, that one ends. Returns the ticket, which the response's cookie has already.
        With `remember` the cookie outlives the browser, and goes at the session's deadline.
        """
        self._exchange.must_be_open()
        added = patchable(changes) or {}
        if not isinstance(added, dict):
            raise TypeError("what a login adds is a dict or a model")
        if self._unusable:
            await self._end_present()
        # It is stored as it is: validated anew, it would get other values from its default
        # factories than the object has.
        whole = self._model is not None and isinstance(changes, self._model)
        expiry = self._manager.expiry
        if lifetime is not None:
            expiry["ex"] = lifetime
        ticket = await login(
            self._manager.backend,
            None if self._unusable else self._exchange.ticket,
            user,
            added,
            new=lambda plain: new_data(self._model, changes if whole else plain),
            schema=self._schema,
            max_sessions=self._manager.max_sessions,
            **expiry,
        )
        await self._begun(ticket, remember)
        return ticket

    async def logout(self) -> bool:
        """Ends the session, then takes the cookie back. Whether there was one to end."""
        ticket = self._exchange.ticket
        ended = ticket is not None and await self._manager.backend.end(ticket)
        self._exchange.take()
        self._live = False
        return ended

    async def _begun(self, ticket: str, remember: bool) -> None:
        self._live, self._unusable = True, False
        await self._manager.give(self._exchange, ticket, remember)

    async def _end_present(self) -> None:
        if (ticket := self._exchange.ticket) is not None:
            await self._manager.backend.end(ticket)


async def _written(write: Callable[[], Awaitable[object]]) -> bool:
    try:
        await write()
    except (NoSession, WrongType):
        log.warning("a session ended during the request; what it wrote is dropped")
        return False
    return True
