"""Record: a request's session in the server. It decides which command a changed dict becomes.

One change is one command: SET, PATCH, ROTATE or DEL. It carries only what the request changed, so
that concurrent requests keep each other's changes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from .._json import dumps, loads
from .._options import Expiry
from ..errors import Conflict, Invalid, NoSession, OtherUser, WrongType
from ..results import Info
from ..web.away import AWAY, RETRY_AFTER
from ..web.changes import Change, applied, as_json_patch, plain
from .legacy import Legacy
from .serializer import SessionSerializer
from .settings import Settings
from .signals import session_logged_in, session_logged_out, session_lost, session_refused

log = logging.getLogger("redis_session_client")

_TRIES = 8
"""Attempts at a patch. It conflicts only if an object on its path was removed meanwhile."""
_PERMANENT = "_permanent"
_SHOWN = frozenset({"_flashes"})
"""Members that are removed because the visitor has seen them."""


@dataclass(frozen=True)
class Wishes:
    """What a request wants beside the members of its dict."""

    cleared: bool = False
    """The session that the request came with shall end."""
    login: str | None = None
    rotate: bool = False
    renew: bool = False
    """The lifetime shall begin anew, although nothing changed."""
    failed: bool = False
    """The response is an error (400 or above): nobody is logged in by it."""
    late: bool = False
    """The response has begun, so that it can carry no cookie."""


class Record:
    """The session as it was read, and the cookie that the response needs."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        serializer: SessionSerializer,
        carried: str | None,
        refusal: HTTPException | None = None,
        legacy: Legacy | None = None,
        *,
        known: bool = True,
    ) -> None:
        self._app = app
        self.settings = self._settings = settings
        self._backend = settings.backend
        self._serializer = serializer
        self._refusal = refusal
        self._legacy = legacy
        self._known = known
        self._text: str | None = "{}"
        self._data: dict[str, Any] | None = None
        self._refused = False
        self._missing = False
        self._failed = False
        self.carried = carried
        """The ticket of the request; its session may have ended."""
        self.ticket: str | None = None
        """The ticket of the live session that was read."""
        self.info: Info | None = None
        self.given: str | None = None
        """The ticket that the response's cookie has to give."""
        self.taken = False
        """Whether the response has to remove the cookie."""

    def load(self) -> dict[str, Any]:
        """Reads the data; empty without a live and valid session.

        ServiceUnavailable if the server is away, and what the request itself deserves.
        """
        self._failed = True
        data = self._read()
        self._failed = False
        return data

    def _read(self) -> dict[str, Any]:
        if self._refusal is not None:
            raise self._refusal
        if self.carried is None:
            return {}
        schemas = [] if self._settings.schema is None else [self._settings.schema]
        try:
            with reached():
                live = self._backend.verify(self.carried, schemas)
                if live is None and self._take_over():
                    live = self._backend.verify(self.carried, schemas)
        except Invalid as refused:
            log.warning("a session is refused, and counts as none: %s", refused)
            return self._refuse("schema")
        if live is None:
            # The cookie of an old session that is gone is no reason to store nothing.
            self._missing = self._legacy is None
            return {}
        if not self._known:
            self.given = self.carried  # the browser has only the old cookie
        data = live.data
        if not isinstance(data, dict):
            log.warning("a session's data is no object, so it counts as none")
            return self._refuse("no_object")
        self.ticket, self.info, self._text = self.carried, live.info, live.text
        return self._serializer.decoded(data)

    def _take_over(self) -> bool:
        """Makes a session of the old one that the request names. Whether it named one."""
        old = self._legacy
        key = None if old is None else self._backend.ids.key(old.ticket)
        if old is None or key is None:
            return False
        data = old.read()
        if data is not None and data.keys() - {_PERMANENT}:
            stored = plain(self._serializer.encoded(data))
            user = self._named(stored)
            self._backend.commands.create_as(
                key,
                stored,
                schema=self._settings.schema,
                user=None if user is None else self._backend.ids.prefix + user,
                **self._begun,
            )
            old.forget()
        return True  # also without data: another request may have done this meanwhile

    def _refuse(self, reason: str) -> dict[str, Any]:
        self._refused = True
        session_refused.send(self._app, reason=reason)
        return {}

    def differs(self, session: Mapping[str, Any]) -> bool:
        """Whether the members differ from those that were read or saved last."""
        return bool(self._changes(self._serializer.encoded(session)))

    @property
    def _before(self) -> dict[str, Any]:
        """The data as it was read or saved last."""
        if self._data is None:
            data: dict[str, Any] = loads(self._text or "{}")
            self._data = data
            return data
        return self._data

    def _changes(self, encoded: dict[str, Any]) -> list[Change]:
        """The changes since then. Of most requests there are none, and the text is the same."""
        # Fails for what cannot be stored, and for numbers of other clients that Python has not.
        with suppress(TypeError, ValueError, RecursionError):
            if dumps(encoded).decode() == self._text:
                return []
        return self._serializer.changes(self._before, encoded)

    def save(self, session: Mapping[str, Any], wishes: Wishes) -> None:
        """Writes the changes, in one command. The server's errors are raised."""
        encoded = self._serializer.encoded(session)
        if wishes.cleared:
            if self._legacy is not None:
                self._legacy.forget()
            self._end(self.carried)
            self.ticket, self.taken, self._data, self._text = None, True, {}, None
        if self._failed:
            return  # the page of an error: nobody knows what the session holds
        changes, before = self._changes(encoded), self._before
        after = applied(changes, before) if changes else before
        was, now = self._users(before, after)
        login = wishes.login or (now if was != now or wishes.rotate else None)
        left = was is not None and now is None
        gives = login is not None or wishes.rotate or self._rotates(changes)
        holds = any(name != _PERMANENT for name in after)
        self._data, self._text = after, None
        if self.ticket is None and login is None and not (holds and changes):
            return  # a session is made only where there is something to store
        if wishes.late and (self.ticket is None or gives) and (changes or gives):
            log.error("a session changed after its response began, and needs a cookie: not saved")
        elif left and self.ticket is not None:
            self._leave(self.ticket, after if holds else None)
        elif gives and wishes.failed:
            log.warning("the response is an error: its login, or new session ID, is not saved")
        elif self.ticket is None:
            self._begin(after, login, asked=login is not None or wishes.cleared)
        elif not holds and {c.path[0] for c in changes if c.gone} - _SHOWN:
            self._end(self.ticket)
            self.ticket, self.taken = None, True
        elif gives or changes or (wishes.renew and self._changed):
            self._write(self.ticket, changes, rotates=gives, login=login)

    def _users(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> tuple[str | None, str | None]:
        """The session's user before and after the request."""
        if self._settings.user is None:
            user = self.info.user if self.ticket is not None and self.info else None
            return user, user
        return self._named(before), self._settings.user_of(after)

    def _named(self, data: dict[str, Any]) -> str | None:
        """The user that stored data names; None if another client wrote something else there."""
        with suppress(TypeError):
            return self._settings.user_of(data)
        return None

    def _rotates(self, changes: list[Change]) -> bool:
        return any(change.path[0] in self._settings.rotate_on for change in changes)

    @property
    def _rolling(self) -> bool:
        return bool(self._app.config["SESSION_REFRESH_EACH_REQUEST"])

    @property
    def _begun(self) -> Expiry:
        return self._settings.begun(self._app.permanent_session_lifetime, rolling=self._rolling)

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
        if not self._end(ticket):
            self._drop()
        elif data is not None:
            self._begin(data, None, asked=True)
        self.taken = data is None

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
        self, ticket: str, changes: list[Change], *, rotates: bool, login: str | None
    ) -> None:
        for _ in range(_TRIES):
            patch = as_json_patch(changes)
            try:
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
                    if any(change.path == (_PERMANENT,) for change in changes):
                        self.given = ticket  # with its new Max-Age
            except Conflict:
                changes = self._again(ticket, changes)
                continue
            except OtherUser:
                self._end(ticket)
                self._begin(_own(changes), login, asked=True)
            except (NoSession, WrongType):
                if login is None:
                    self._drop()
                else:
                    self._begin(_own(changes), login, asked=True)
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


@contextmanager
def reached() -> Iterator[None]:
    """Raises ServiceUnavailable in place of the errors of a server that is away."""
    try:
        yield
    except AWAY as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> ServiceUnavailable:
    """The 503 of a request whose server is away. The log says why."""
    log.error(
        "the sessions' server cannot be reached, or is not ready: %s: %s",
        type(error).__name__,
        error,
    )
    return ServiceUnavailable("The service is not available now.", retry_after=RETRY_AFTER)


def _own(changes: list[Change]) -> dict[str, Any]:
    """The data of a login that cannot go on with the session: the members this request set.

    Earlier members belong to another user or to an ended session, so the user must not get them.
    """
    return {c.path[0]: c.value for c in changes if len(c.path) == 1 and not c.gone}
