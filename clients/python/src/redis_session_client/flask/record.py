"""Record: a request's session in the server. It decides which command a changed dict becomes.

One change is one command: SET, PATCH, ROTATE or DEL. It carries only what the request changed, so
that concurrent requests keep each other's changes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._options import Expiry
from ..errors import Conflict, NoSession, OtherUser, WrongType
from ..web.changes import Change, applied, as_json_patch
from .reading import PERMANENT, Reading
from .signals import session_logged_in, session_logged_out, session_lost

log = logging.getLogger("redis_session_client")

_TRIES = 8
"""Attempts at a patch. It conflicts only if an object on its path was removed meanwhile."""
_SHOWN = frozenset({"_flashes"})
"""Members that are removed because the visitor has seen them."""


@dataclass(frozen=True)
class Wishes:
    """What a request wants beside the members of its dict."""

    cleared: bool = False
    """The session that the request came with shall end."""
    login: str | None = None
    rotate: bool = False
    written: frozenset[str] = frozenset()
    """The members that the request has set, also to the value that they had."""
    renew: bool = False
    """The lifetime shall begin anew, although nothing changed."""
    failed: bool = False
    """The response is an error (400 or above): nobody is logged in by it."""
    late: bool = False
    """The response has begun, so that it can carry no cookie."""


class Record(Reading):
    """The session as it was read, and the commands that write it."""

    def save(self, session: Mapping[str, Any], wishes: Wishes) -> None:
        """Writes the changes, in one command. The server's errors are raised."""
        encoded = self._serializer.encoded(session)
        if wishes.cleared:
            if self._legacy is not None:
                self._legacy.forget()
            self._end(self.carried)
            self._data, self._text = {}, None
            self._take()
        if self._failed:
            return  # the page of an error: nobody knows what the session holds
        changes, before = self._changes(encoded), self._before
        after = applied(changes, before) if changes else before
        was, now = self._users(before, after)
        login = wishes.login or (now if was != now or wishes.rotate else None)
        left = was is not None and now is None
        gives = login is not None or wishes.rotate or self._rotates(changes)
        added = [change for change in changes if not (change.gone and len(change.path) == 1)]
        holds = any(name != PERMANENT for name in after)
        self._data, self._text = after, None
        if self.ticket is None and login is None and not (holds and changes):
            return  # a session is made only where there is something to store
        if left and wishes.late:
            self._end(self.ticket)
        elif wishes.late and (self.ticket is None or gives) and (changes or gives):
            log.error("a session changed after its response began, and needs a cookie: not saved")
        elif left and self.ticket is not None:
            self._leave(self.ticket, after if holds else None)
        elif login is None and self.ticket and not holds and _removed(changes) - _SHOWN:
            self._end(self.ticket)
            self._take()
        elif wishes.failed and (login is not None or wishes.rotate or self._rotates(added)):
            log.warning("the response is an error: its login, or new session ID, is not saved")
        elif self.ticket is None:
            self._begin(after, login, asked=login is not None or wishes.cleared)
        elif gives or changes or (wishes.renew and self._changed):
            set_here = {change.path[0] for change in changes if len(change.path) == 1}
            own = {name: after[name] for name in set_here | wishes.written if name in after}
            self._write(self.ticket, changes, own, rotates=gives, login=login)

    def _users(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> tuple[str | None, str | None]:
        """The session's user before and after the request."""
        if self._settings.user is None:
            user = self.info.user if self.ticket is not None and self.info else None
            return user, user
        return self._named(before), self._settings.user_of(after)

    def _rotates(self, changes: list[Change]) -> bool:
        return any(change.path[0] in self._settings.rotate_on for change in changes)

    @property
    def _changed(self) -> Expiry:
        return self._settings.changed(self._app.permanent_session_lifetime, rolling=self._rolling)

    def _begin(self, data: dict[str, Any], login: str | None, *, asked: bool) -> None:
        """Makes a session, unless the request was overtaken by a login or logout."""
        if self._missing and not asked and self._backend.retired(str(self.carried)):
            self._drop()
            return
        limit = self._settings.max_sessions if login is not None else None
        self.ticket = self.given = self._backend.create(
            data, schema=self._settings.schema, user=login, max_sessions=limit, **self._begun
        )
        self.taken = False
        if self._refused and self.carried is not None:
            self._backend.end(self.carried)
        if login is not None:
            session_logged_in.send(self._app, user=login)

    def _leave(self, ticket: str, data: dict[str, Any] | None) -> None:
        """Begins a new session for data that no longer names a user: no session loses its user."""
        ended = self._end(ticket)
        self._take()
        if not ended:
            self._drop()
        elif data is not None:
            self._begin(data, None, asked=True)

    def _take(self) -> None:
        """Notes that the session is over, and its cookie with it."""
        self.ticket, self.given, self.taken = None, None, True

    def _end(self, ticket: str | None) -> bool:
        if ticket is None:
            return False
        user = self.info.user if self.info else None
        if session_logged_out.receivers and self.info is None:
            live = self._backend.verify(ticket, no_touch=True)
            user = live.info.user if live else None
        ended = self._backend.end(ticket)
        if ended:
            session_logged_out.send(self._app, user=user)
        return ended

    def _write(
        self,
        ticket: str,
        changes: list[Change],
        own: dict[str, Any],
        *,
        rotates: bool,
        login: str | None,
    ) -> None:
        """Patches the session, or rotates it with the patch.

        `own` are the members that this request set: the data of a login that cannot go on with the
        session. Earlier members belong to another user or to a session that has ended.
        """
        for _ in range(_TRIES):
            patch = as_json_patch(changes)
            try:
                if rotates and self._legacy is not None:
                    self._legacy.forget()
                if login is not None:
                    limit = self._settings.max_sessions
                    new = self._backend.rotate(
                        ticket, patch=patch, user=login, max_sessions=limit, **self._begun
                    )
                    self.ticket = self.given = new
                    session_logged_in.send(self._app, user=login)
                elif rotates:
                    grace = self._settings.grace
                    new = self._backend.rotate(ticket, patch=patch, grace=grace, **self._changed)
                    self.ticket = self.given = new
                else:
                    self._backend.patch(ticket, patch, **self._changed)
                    if any(change.path == (PERMANENT,) for change in changes):
                        self.given = ticket  # with its new Max-Age
            except Conflict:
                changes = self._again(ticket, changes)
                continue
            except OtherUser:
                # First the new one: if the server refuses it, nothing has ended.
                self._begin(own, login, asked=True)
                self._end(ticket)
            except (NoSession, WrongType):
                if login is None:
                    self._drop()
                else:
                    self._begin(own, login, asked=True)
            return
        raise Conflict("others changed the session at the same time, again and again")

    def _again(self, ticket: str, changes: list[Change]) -> list[Change]:
        """The same changes, computed again for the present data."""
        live = self._backend.verify(ticket, no_touch=True)
        data = live.data if live else {}
        if not isinstance(data, dict):
            raise Conflict("the session's data is no object any more")
        return self._serializer.changes(data, applied(changes, data))

    def _drop(self) -> None:
        log.warning("a session ended during the request; what it wrote is dropped")
        session_lost.send(self._app, user=self.info.user if self.info else None)


def _removed(changes: list[Change]) -> set[str]:
    """The members that were removed."""
    return {change.path[0] for change in changes if change.gone and len(change.path) == 1}
