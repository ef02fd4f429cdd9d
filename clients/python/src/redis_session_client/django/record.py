"""What the server holds of a session, and the one command that a change becomes.

A write sends only what the request changed, so that concurrent requests keep each other's changes.
A member that names the user makes the write a login: the server then knows whose session it is.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from .._json import loads
from .._options import Expiry
from ..errors import Conflict, Invalid, NoSchema, NoSession, OtherUser, WrongType
from ..web.changes import Change, applied, as_json_patch, difference
from .connection import Connection, reached
from .legacy import is_legacy

log = logging.getLogger("redis_session_client")

_TRIES = 8
"""Attempts at a patch. It conflicts only if an object on its path was removed meanwhile."""


@dataclass(frozen=True)
class Kept:
    """A session as the server has it, as far as this request knows."""

    text: str
    """The data, as JSON text of an object."""
    user: str | None
    since: int
    """Unix ms from which an absolute lifetime counts: the login, or else the beginning."""


@dataclass(frozen=True)
class Written:
    """The session after a write. A login and a rotation give it a new ticket."""

    ticket: str
    data: dict[str, Any]
    kept: Kept


class Records:
    """Reads and writes sessions for SessionStore. Raises Unavailable if the server is away."""

    def __init__(self, connection: Connection) -> None:
        self.settings = connection.settings
        self._backend = connection.backend
        self._legacy = connection.legacy

    def user_of(self, data: dict[str, Any]) -> str | None:
        """The user whom the data names. TypeError if the member is neither a str nor an int."""
        user = data.get(self.settings.user)
        if user is None or user == "":
            return None
        if isinstance(user, bool) or not isinstance(user, str | int):
            raise TypeError(f"{self.settings.user!r} names the user: it must be a str or an int")
        return str(user)

    def read(self, ticket: str) -> Kept | None:
        """The live session; None if there is none, or if its data is refused or no object."""
        schemas = [] if self.settings.schema is None else [self.settings.schema]
        try:
            with reached():
                found = self._backend.verify(ticket, schemas)
        except Invalid as refused:
            log.warning("a session is refused, and counts as none: %s", refused)
            return None
        except NoSchema as missing:
            if missing.name in schemas:
                raise
            # The session's own schema, of an earlier version of the application, is gone.
            log.warning("a session cannot be checked, and counts as none: %s", missing)
            return None
        if found is None:
            return None
        if not found.text.lstrip().startswith("{"):
            log.warning("a session's data is no object, so it counts as none")
            return None
        info = found.info
        since = info.created if info.authenticated is None else info.authenticated
        return Kept(found.text, info.user, since)

    def exists(self, ticket: str) -> bool:
        """Whether there is a live session. Not an access."""
        key = self._backend.ids.key(ticket)
        try:
            with reached():
                return key is not None and self._backend.commands.info(key) is not None
        except WrongType:
            return False

    def retired(self, ticket: str) -> bool:
        """Whether a login or a logout ended this ticket within the last minute."""
        with reached():
            return self._backend.retired(ticket)

    def end(self, ticket: str) -> bool:
        """Ends the session. False if it was not live."""
        if self._legacy is not None and is_legacy(ticket):
            self._legacy.delete(ticket)
        with reached():
            return self._backend.end(ticket)

    def legacy(self, ticket: str) -> dict[str, Any] | None:
        """The data of a session of the engine used before; None if there is none."""
        if self._legacy is None or not is_legacy(ticket):
            return None
        return self._legacy.find(ticket)

    def adopt(self, ticket: str, data: dict[str, Any], age: int) -> Kept | None:
        """Moves a session of the engine used before, with this data, here. It keeps its ticket.

        None if its data is refused, or if it was ended meanwhile.
        """
        if self._legacy is None:
            return None
        user = self.user_of(data)
        key = str(self._backend.ids.key(ticket))
        try:
            with reached():
                made = self._backend.commands.create_as(
                    key,
                    data,
                    schema=self.settings.schema,
                    user=None if user is None else self.settings.prefix + user,
                    **self._new(age),
                )
        except Invalid as refused:
            log.warning(
                "a session of the legacy engine is refused, and counts as none: %s", refused
            )
            return None
        # Another request may have moved it before, and a third have ended it since. The marker of
        # that end is written before the session goes, and stays for a minute.
        if made and self.retired(ticket):
            self.end(ticket)
            return None
        try:
            self._legacy.delete(ticket)
        except BaseException:
            # Without the marker of an end: the next request may move it.
            with reached():
                self._backend.commands.delete(key)
            raise
        return self.read(ticket)

    def begin(self, data: dict[str, Any], age: int) -> Written:
        """Creates a session that ends in `age` milliseconds."""
        user = self.user_of(data)
        with reached():
            ticket = self._backend.create(
                data,
                schema=self.settings.schema,
                user=user,
                max_sessions=None if user is None else self.settings.max_sessions,
                **self._new(age),
            )
        return _written(ticket, data, user, _now())

    def write(
        self, ticket: str, kept: Kept, data: dict[str, Any], *, rotate: bool, age: int
    ) -> Written:
        """Makes the session's data `data`, in one command. It then ends in `age` milliseconds.

        Raises NoSession if it is not live, unless the request logs a user in: that is told by a new
        session, which has only what the request has set.
        """
        before = loads(kept.text)
        user = self.user_of(data)
        if kept.user is not None and user != kept.user:
            return self._replace(ticket, data, age)
        changes = difference(before, data)
        login = user if kept.user is None else None
        for _ in range(_TRIES):
            try:
                new = self._send(ticket, changes, login, rotate, age)
            except Conflict:
                changes = self._again(ticket, changes)
                continue
            except OtherUser:
                return self._replace(ticket, data, age)
            except (NoSession, WrongType):
                if login is None or self.user_of(before) == login:
                    raise NoSession("the session has ended; nothing was written") from None
                return self.begin(_own(changes), age)
            if self._legacy is not None and new != ticket and is_legacy(ticket):
                self._legacy.delete(ticket)  # in case it could not be deleted when it moved
            return _written(new, data, user, kept.since if login is None else _now())
        raise Conflict("others changed the session at the same time, again and again")

    def _send(
        self, ticket: str, changes: list[Change], login: str | None, rotate: bool, age: int
    ) -> str:
        patch = as_json_patch(changes)
        with reached():
            if login is not None:
                return self._backend.rotate(
                    ticket,
                    patch=patch,
                    schema=self.settings.schema,
                    user=login,
                    max_sessions=self.settings.max_sessions,
                    **self._new(age),
                )
            if rotate:
                return self._backend.rotate(ticket, patch=patch, px=age)
            self._backend.patch(ticket, patch, px=age)
            return ticket

    def _replace(self, ticket: str, data: dict[str, Any], age: int) -> Written:
        """A new session in the place of one: in the server no session loses or changes its user."""
        ended = "the session has ended; nothing was written"
        if self.user_of(data) is None:
            # A logout, which is made even if the server refuses the data that is left.
            if not self.end(ticket):
                raise NoSession(ended)
            return self.begin(data, age)
        # A login: if the server refuses the new session, the former one has not ended.
        written = self.begin(data, age)
        if not self.end(ticket):
            self.end(written.ticket)
            raise NoSession(ended)
        return written

    def _again(self, ticket: str, changes: list[Change]) -> list[Change]:
        """The same changes, computed again for the present data."""
        with reached():
            live = self._backend.verify(ticket, no_touch=True)
        data = live.data if live else {}
        if not isinstance(data, dict):
            raise Conflict("the session's data is no object any more")
        return difference(data, applied(changes, data))

    def _new(self, age: int) -> Expiry:
        """The timeouts of a new session, and of a login."""
        expiry = Expiry(px=age)
        if self.settings.idle is not None:
            expiry["pidle"] = self.settings.idle
        return expiry


def _now() -> int:
    return int(time.time() * 1000)


def _written(ticket: str, data: dict[str, Any], user: str | None, since: int) -> Written:
    # Not the strict dumps: numbers of other clients can have become infinite, and were not sent.
    return Written(ticket, data, Kept(json.dumps(data), user, since))


def _own(changes: list[Change]) -> dict[str, Any]:
    """The members that this request set. Earlier ones belong to a session that has ended."""
    return {c.path[0]: c.value for c in changes if len(c.path) == 1 and not c.gone}
