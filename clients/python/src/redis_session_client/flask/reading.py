"""Reading: a request's session as it was read, and what has changed in it since.

It is the lower half of a Record, which writes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from .._json import dumps, loads
from .._options import Expiry
from ..errors import Invalid
from ..results import Info
from ..web.away import AWAY, RETRY_AFTER
from ..web.changes import Change, plain
from .legacy import Legacy
from .serializer import SessionSerializer
from .settings import Settings
from .signals import session_refused

log = logging.getLogger("redis_session_client")

PERMANENT = "_permanent"
"""The member in which Flask keeps whether a session is permanent."""


class Reading:
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
            session_refused.send(self._app, reason="two_sessions")
            raise self._refusal
        if self.carried is None:
            return {}
        schemas = [] if self._settings.schema is None else [self._settings.schema]
        try:
            with reached():
                live = self._backend.verify(self.carried, schemas)
                if live is not None:
                    self._forget_old()
                elif self._take_over():
                    live = self._backend.verify(self.carried, schemas)
        except Invalid as refused:
            log.warning("a session is refused, and counts as none: %s", refused)
            return self._refuse("schema")
        if live is None:
            # The cookie of an old session that is gone is no reason to store nothing.
            self._missing = self._known
            return {}
        if not self._known:
            self.given = self.carried  # the browser has only the old cookie
        data = live.data
        if not isinstance(data, dict):
            log.warning("a session's data is no object, so it counts as none")
            return self._refuse("no_object")
        self.ticket, self.info, self._text = self.carried, live.info, live.text
        return self._serializer.decoded(data)

    def _forget_old(self) -> None:
        """Deletes the old session beside one that `sessionctl import` has made of it."""
        if self._legacy is not None and not self._known:
            self._legacy.forget()

    def _take_over(self) -> bool:
        """Makes a session of the old one that the request names. Whether it named one."""
        old = self._legacy
        key = None if old is None else self._backend.ids.key(old.ticket)
        if old is None or key is None:
            return False
        data = old.read()
        if data is not None and data.keys() - {PERMANENT}:
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

    def _named(self, data: dict[str, Any]) -> str | None:
        """The user that stored data names; None if another client wrote something else there."""
        with suppress(TypeError):
            return self._settings.user_of(data)
        return None

    @property
    def _rolling(self) -> bool:
        return bool(self._app.config["SESSION_REFRESH_EACH_REQUEST"])

    @property
    def _begun(self) -> Expiry:
        return self._settings.begun(self._app.permanent_session_lifetime, rolling=self._rolling)


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
