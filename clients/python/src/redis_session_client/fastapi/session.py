"""LiveSession: the session of one request, as a guard gives it to a route."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from ..errors import NoSession, WrongType
from ..results import DetailedSession, Info
from ..web.protocol import Device
from ..web.signals import Logout, tell_logout, tell_lost
from .exchange import Exchange
from .models import jsonable, patchable
from .store import SessionStore

log = logging.getLogger("redis_session_client")

M = TypeVar("M")


class LiveSession(Generic[M]):
    """A session that was live, and passed the guard's checks, when the request came.

    It may end while the request runs. A write after that is dropped and logged: it does not bring
    the session back.
    """

    def __init__(
        self,
        store: SessionStore,
        exchange: Exchange,
        found: DetailedSession,
        data: M,
        schema: str | None,
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._schema = schema
        self.data = data
        """The data at the time of the request, as the route's model or as plain JSON."""
        self.text = found.text
        """The same data as JSON text."""
        self.info: Info = found.info
        """The metadata when the request came. `accessed` is this request, if it was recorded."""
        self.user = found.info.user

    @property
    def _ticket(self) -> str:
        ticket = self._exchange.ticket
        if ticket is None:
            raise NoSession("this request has logged out")
        return ticket

    async def patch(self, changes: Any, *, if_version: int | None = None) -> bool:
        """Changes the members that `changes` names; False if the session has ended meanwhile.

        A dict is a JSON Merge Patch (RFC 7396), a list a JSON Patch (RFC 6902), and a model a merge
        patch of the fields that were set in it. The server applies it; `data` does not change.
        """
        write = self._store.backend.patch
        return await written(
            lambda: write(self._ticket, patchable(changes), if_version=if_version),
            self._store,
            self._exchange,
            self.user,
        )

    async def replace(self, data: M, *, if_version: int | None = None) -> bool:
        """Replaces all data; False if the session has ended meanwhile.

        With a model, the model's schema becomes the session's own. Raises Conflict if the version
        is no longer `if_version`; `info.version` is the version that this request read.
        """
        write = self._store.backend.set
        return await written(
            lambda: write(self._ticket, jsonable(data), if_version=if_version, schema=self._schema),
            self._store,
            self._exchange,
            self.user,
        )

    async def pop(self, *pointers: str) -> dict[str, Any]:
        """Reads and removes values in one step, for one-time codes.

        Returns the values that were found, by JSON Pointer.
        """
        try:
            return await self._store.backend.pop(self._ticket, *pointers)
        except (NoSession, WrongType):
            return {}

    async def rotate(self, *, grace: int | None = 5000, remember: bool = False) -> bool:
        """Gives the session a new ticket; False if it has ended meanwhile.

        The old ticket works for `grace` more milliseconds, for requests that are under way. Use it
        after a change of rights within a login. A login itself is `Visit.login`.
        """
        self._exchange.must_be_open()
        try:
            ticket = await self._store.backend.rotate(self._ticket, grace=grace)
        except (NoSession, WrongType):
            return False
        await self._store.give(self._exchange, ticket, remember)
        return True

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, each with the values at `pointers`; empty without a user."""
        if self.user is None:
            return []
        backend = self._store.backend
        return await backend.devices(self.user, *pointers, current=self._ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends the session of this user that has this handle in `devices`. False if none has."""
        if self.user is None or not await self._store.backend.end_device(self.user, handle):
            return False
        await self._tell_logout("device", 1)
        return True

    async def end_others(self) -> int:
        """Logs the user out everywhere else, and returns how many sessions ended."""
        if self.user is None:
            return 0
        ended = await self._store.backend.end_all(self.user, keep=self._ticket)
        await self._tell_logout("others", ended)
        return ended

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too, and returns how many sessions ended."""
        if self.user is None:
            return 0
        ticket = self._ticket
        ended = await self._store.backend.end_all(self.user)
        await self._store.backend.end(ticket)  # it has ended; this retires the cookie
        self._exchange.take()
        await self._tell_logout("everywhere", ended)
        return ended

    async def _tell_logout(self, how: Logout, ended: int) -> None:
        backend, connection = self._store.backend, self._exchange.connection
        await tell_logout(backend, connection, self.user, how, ended)


async def written(
    write: Callable[[], Awaitable[object]],
    store: SessionStore,
    exchange: Exchange,
    user: str | None,
) -> bool:
    """Runs a write. If the session has ended, logs that the write is dropped and returns False.

    Listeners of the signal `lost` are told, too. `user` is the session's.
    """
    try:
        await write()
    except (NoSession, WrongType):
        log.warning("a session ended during the request; what it wrote is dropped")
        await tell_lost(store.backend, exchange.connection, user)
        return False
    return True
