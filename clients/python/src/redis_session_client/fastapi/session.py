"""LiveSession: the session of one request, as a guard gives it to a route."""

from __future__ import annotations

from typing import Any, Generic

from ..errors import NoSession, WrongType
from ..results import DetailedSession, Info
from ..web.protocol import Device
from ..web.signals import Logout, tell_logout
from .blocking import blocking
from .exchange import Exchange
from .models.writes import patch_of_fields
from .store import SessionStore
from .writing import M, Writing


class LiveSession(Writing, Generic[M]):
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
        model: type[Any] | None = None,
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._schema = schema
        self._model = model
        self.data = data
        """The data at the time of the request, as the route's model or as plain JSON."""
        self.text = found.text
        """The same data as JSON text."""
        self.info: Info = found.info
        """The metadata when the request came. `accessed` is this request, if it was recorded."""
        self.user = found.info.user

    @property
    def sync(self) -> BlockingSession[M]:
        """The same methods for a route that is a plain function (`def`)."""
        return BlockingSession(self)

    @property
    def _own_schema(self) -> str | None:
        return self.info.schema

    @property
    def _own_user(self) -> str | None:
        return self.user

    def _logged_in(self, user: str | None) -> None:
        self.user = user

    async def patch(self, changes: Any, *, if_version: int | None = None) -> bool:
        """Changes the members that `changes` names; False if the session has ended meanwhile.

        A dict is a JSON Merge Patch (RFC 7396), in which None removes a member, and a list a JSON
        Patch (RFC 6902). Of a model, the fields that were set in it are written, each as a whole:
        None is stored as null. The server applies the patch; `data` does not change. Raises
        Conflict if the version is no longer `if_version`.
        """
        return await self._patch(patch_of_fields(changes), changes, if_version)

    async def replace(self, data: M, *, if_version: int | None = None) -> bool:
        """Replaces all data; False if the session has ended meanwhile.

        With a model, the model's schema becomes the session's own. Raises Conflict if the version
        is no longer `if_version`; `info.version` is the version that this request read.
        """
        return await self._replace(data, if_version)

    async def pop(self, *pointers: str) -> dict[str, Any]:
        """Reads and removes values in one step, for one-time codes.

        Returns the values that were found, by JSON Pointer.
        """
        backend = self._store.backend
        self._exchange.forget()
        try:
            if (schema := self._moved()) is not None:
                # POP has no SCHEMA: what is left must satisfy the session's schema.
                await backend.patch(self._ticket, [], schema=schema)
            return await backend.pop(self._ticket, *pointers)
        except (NoSession, WrongType):
            return {}

    async def rotate(self, *, grace: int | None = 5000, remember: bool = False) -> bool:
        """Gives the session a new ticket; False if it has ended meanwhile.

        The old ticket works for `grace` more milliseconds, for requests that are under way. Use it
        after a change of rights within a login. A login itself is `Visit.login`.
        """
        self._exchange.must_be_open()
        try:
            ticket = await self._store.backend.rotate(
                self._ticket, grace=grace, schema=self._moved()
            )
        except (NoSession, WrongType):
            return False
        await self._store.give(self._exchange, ticket, remember, begun=False)
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


class BlockingSession(Generic[M]):
    """The methods of a LiveSession, for routes that are plain functions. See there."""

    def __init__(self, session: LiveSession[M]) -> None:
        self.patch = blocking(session.patch)
        self.replace = blocking(session.replace)
        self.pop = blocking(session.pop)
        self.rotate = blocking(session.rotate)
        self.devices = blocking(session.devices)
        self.end_device = blocking(session.end_device)
        self.end_others = blocking(session.end_others)
        self.end_everywhere = blocking(session.end_everywhere)
