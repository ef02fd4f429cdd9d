"""Writes to the session of a request, for LiveSession and Visit.

Two decisions are made here. A session whose own schema is another version of a model that this
application has is moved to this application's version by the write itself. And with
`SessionManager(principal=…)` a write that changes the user is a login: the session gets a new ID.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from typing_extensions import TypeVar

from ..errors import NoSession, OtherUser, WrongType
from ..web.signals import tell_login, tell_lost
from .exchange import Exchange
from .models.writes import jsonable, new_data, parsed, plain, without_nulls
from .principal import UNCHANGED, user_of, value_after
from .store import SessionStore

log = logging.getLogger("redis_session_client")

M = TypeVar("M", default=Any)
"""A guard's model: Any, where an annotation names none."""


class Writing:
    """The base of LiveSession and Visit, which set these attributes."""

    _store: SessionStore
    _exchange: Exchange
    _model: type[Any] | None
    _schema: str | None
    """The schema of the guard's model."""

    @property
    def _own_schema(self) -> str | None:
        """The schema that the session has."""
        raise NotImplementedError

    @property
    def _own_user(self) -> str | None:
        raise NotImplementedError

    @property
    def _ticket(self) -> str:
        ticket = self._exchange.ticket
        if ticket is None:
            raise NoSession("this request has logged out")
        return ticket

    def _logged_in(self, user: str | None) -> None:
        """Called when a write has changed the user."""

    def _moved(self) -> str | None:
        """The schema to move the session to; None to let it keep its own."""
        return self._store.newer_version(self._own_schema, self._schema)

    async def _patch(self, patch: Any, given: Any, if_version: int | None = None) -> bool:
        """Sends a patch, which was made of `given`. False if the session has ended."""
        user = self._user_after(patch)
        if user is not UNCHANGED:
            return await self._change_user(user, patch, given, if_version)
        write = self._store.backend.patch
        return await self._written(
            lambda: write(self._ticket, patch, if_version=if_version, schema=self._moved())
        )

    async def _replace(self, data: Any, if_version: int | None) -> bool:
        """Replaces all data; with a model's guard, its schema becomes the session's own."""
        stored = jsonable(data)
        if self._store.principal is not None:
            patch = [{"op": "replace", "path": "", "value": parsed(stored)}]
            user = self._user_after(patch)
            if user is not UNCHANGED:
                return await self._change_user(user, patch, data, if_version)
        write, schema = self._store.backend.set, self._schema or self._moved()
        return await self._written(
            lambda: write(self._ticket, stored, if_version=if_version, schema=schema)
        )

    def _user_after(self, patch: Any) -> Any:
        """The user that a patch makes the session's; UNCHANGED if it stays the same."""
        principal = self._store.principal
        if principal is None or (value := value_after(patch, principal)) is UNCHANGED:
            return UNCHANGED
        user = user_of(value)
        return UNCHANGED if user == self._own_user else user

    def _named_user(self, given: Any) -> str | None:
        """The user that the data of a new session names."""
        principal = self._store.principal
        if principal is None:
            return None
        value = value_after(parsed(jsonable(given)), principal)
        return None if value is UNCHANGED else user_of(value)

    async def _change_user(
        self, user: str | None, patch: Any, given: Any, if_version: int | None
    ) -> bool:
        if if_version is not None:
            raise ValueError("if_version does not go with a change of the principal, a login")
        self._exchange.must_be_open()
        store, ticket = self._store, self._ticket
        try:
            if user is None:
                if await store.backend.verify(ticket, no_touch=True) is None:
                    return await self._dropped()
                raise OtherUser("nobody may inherit the user's data")
            new = await store.backend.rotate(
                ticket,
                patch=patch,
                schema=self._schema or self._moved(),
                user=user,
                max_sessions=store.max_sessions,
                **store.expiry,
            )
            await store.give(self._exchange, new, False)
        except (NoSession, WrongType):
            return await self._dropped()
        except OtherUser:
            if user is None and isinstance(given, list):
                given = _whole(given)
            await self._begin(given, user=user)
        self._logged_in(user)
        if user is not None:
            exchange = self._exchange
            await tell_login(store.backend, exchange.connection, user, exchange.ticket)
        return True

    async def _begin(
        self, given: Any, *, user: str | None = None, patch: bool = True, remember: bool = False
    ) -> str:
        """Creates a session and ends the request's former one. `patch`: None removes members."""
        self._exchange.must_be_open()
        store, operations = self._store, isinstance(given, list)
        data = {} if operations else without_nulls(given) if patch else given
        limit = None if user is None else store.max_sessions
        ticket = await store.backend.create(
            new_data(self._model, data),
            schema=self._schema,
            user=user,
            max_sessions=limit,
            **store.expiry,
        )
        if operations:
            try:
                await store.backend.patch(ticket, plain(given))
            except BaseException:
                await store.backend.end(ticket)  # the client never gets its ticket
                raise
        if (former := self._exchange.ticket) is not None:
            await store.backend.end(former)
        await store.give(self._exchange, ticket, remember)
        return ticket

    async def _written(self, write: Callable[[], Awaitable[object]]) -> bool:
        """Runs a write. If the session has ended, the write is dropped: returns False."""
        self._exchange.forget()
        try:
            await write()
        except (NoSession, WrongType):
            return await self._dropped()
        return True

    async def _dropped(self) -> bool:
        log.warning("a session ended during the request; what it wrote is dropped")
        await tell_lost(self._store.backend, self._exchange.connection, self._own_user)
        return False


def _whole(operations: list[Any]) -> Any:
    """The data that a JSON Patch puts in the place of all others; {} if it keeps some."""
    wholes = [each["value"] for each in operations if each["path"] == "" and "value" in each]
    return wholes[-1] if wholes else {}
