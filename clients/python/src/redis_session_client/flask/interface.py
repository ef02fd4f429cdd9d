"""RedisSessionInterface: opens the session of a request, and saves it with the response.

Flask calls `open_session` before each request, and must not get an exception from it. So whatever
is wrong with the cookie or the server shows when the application uses the session.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import flask
from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.exceptions import BadRequest, HTTPException

from ..web.away import AWAY
from ..web.cookies import FOREVER, CookiePolicy
from .cookie import header, policy_of
from .legacy import Legacy, legacy_of, old_id, old_name
from .reading import unavailable
from .record import Record, Wishes
from .serializer import SessionSerializer
from .session import RedisSession
from .settings import Settings

log = logging.getLogger("redis_session_client")

_OPENED = "redis_session_client.flask.opened"


class RedisSessionInterface(SessionInterface):
    """What Flask asks for sessions: `app.session_interface`. RedisSessions installs it."""

    pickle_based = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.serializer = SessionSerializer()
        """Register tags for types of your own here, as on Flask's own interface."""
        self._warned = False

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie's full name, with its prefix `__Host-` or `__Secure-`."""
        return self._policy(app).full_name

    def get_cookie_secure(self, app: Flask) -> bool:
        return not self.settings.insecure

    def get_cookie_samesite(self, app: Flask) -> str | None:
        return self._policy(app).same_site

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """When the browser forgets a permanent session's cookie: with its absolute end, or never.

        The server ends the session after PERMANENT_SESSION_LIFETIME. A cookie that had to be sent
        again and again would, in a slow response, replace the cookie of a later login.
        """
        if not session.permanent:
            return None
        lifetime = self.settings.lifetime
        if lifetime is None:
            lifetime = FOREVER
        seconds = lifetime if isinstance(lifetime, timedelta) else timedelta(seconds=lifetime)
        return datetime.now(timezone.utc) + min(seconds, timedelta(seconds=FOREVER))

    def regenerate(self, session: SessionMixin) -> None:
        """Gives the session a new ID when it is saved. Flask-Session has this name for it."""
        if not isinstance(session, RedisSession):
            raise TypeError(f"this is no session of redis_session_client: {type(session).__name__}")
        session.rotate = True

    def _policy(self, app: Flask) -> CookiePolicy:
        return policy_of(app, insecure=self.settings.insecure)

    def tickets(self, app: Flask, request: Request) -> list[str]:
        """The different well-shaped tickets of the request: none, one, or too many."""
        found = self._policy(app).read([request.environ.get("HTTP_COOKIE", "")])
        return sorted({ticket for ticket in found if self.settings.backend.shaped(ticket)})

    def carries(self, app: Flask, request: Request) -> bool:
        """Whether the request has what may be a session's cookie."""
        old = any(name in request.cookies for name in self._old_names(app))
        return old or bool(self.tickets(app, request))

    def open_session(self, app: Flask, request: Request) -> RedisSession:
        tickets = self.tickets(app, request)
        carried = tickets[0] if len(tickets) == 1 else None
        refusal = BadRequest("the request carries two sessions") if len(tickets) > 1 else None
        legacy = self._legacy(app, request, tickets) if self.settings.legacy else None
        if legacy is not None:
            carried = legacy.ticket
        elif not tickets and self.settings.imported:
            carried = old_id(app, request)
        known = bool(tickets) or carried is None
        record = Record(app, self.settings, self.serializer, carried, refusal, legacy, known=known)
        session = RedisSession(record, permanent=self.settings.permanent)
        # The test client's session_transaction opens the request's session a second time, and gives
        # a test this object itself and not a proxy: C code such as json's would not load it.
        if request.environ.get(_OPENED) == id(request):
            session.load()
        request.environ[_OPENED] = id(request)
        return session

    def _legacy(self, app: Flask, request: Request, tickets: list[str]) -> Legacy | None:
        """The old session of a request that has no other."""
        same = self._policy(app).full_name == old_name(app)
        if len(tickets) > same:
            return None
        kinds = self.settings.legacy
        if self.settings.imported and "flask-session" not in kinds and old_id(app, request):
            return None
        legacy = legacy_of(app, request, self.settings.backend, kinds)
        # An ID of Flask-Session looks like a ticket.
        return None if legacy and tickets and legacy.ticket != tickets[0] else legacy

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, RedisSession):
            raise TypeError(f"this is no session of redis_session_client: {type(session).__name__}")
        failed = response.status_code >= 400
        try:
            self._write(session, failed=failed)
        except AWAY as error:
            if not _is_current(session):
                raise
            _replace(app, response, unavailable(error))
        self._add_headers(app, session, response)
        if response.is_streamed:
            response.call_on_close(lambda: self._save_late(session, failed=failed))

    def _save_late(self, session: RedisSession, *, failed: bool) -> None:
        """Saves what a streamed response has changed."""
        try:
            self._write(session, failed=failed, late=True)
        except Exception:  # of any kind: the response has been sent
            log.exception("a session changed while its response was streamed, and is not saved")

    def _write(self, session: RedisSession, *, failed: bool, late: bool = False) -> None:
        told, cleared = session.told_modified, session.cleared
        rotate, login = session.rotate, session.login
        if told is False and not (cleared or rotate or login):
            return
        if not session.loaded and not self._load_for(session, rotate or login or told):
            return
        session.cleared = session.rotate = False
        session.login = None
        session.modified = False  # a second save, for the page of an error, has nothing to write
        wishes = Wishes(
            cleared=cleared,
            login=login,
            rotate=rotate,
            written=frozenset(map(str, session.written)),
            renew=bool(told),
            failed=failed,
            late=late,
        )
        session.record.save(session, wishes)
        session.forget_modified()

    def _load_for(self, session: RedisSession, asked: object) -> bool:
        """Reads a session that the request did not use, if it has to be written all the same.

        `session.permanent = True` alone, in a function that runs before each request, is no reason
        to refuse a page that needs no session.
        """
        if asked:
            session.load()
        elif session.wants_permanence:
            with suppress(HTTPException):
                session.load()
        return session.loaded

    def _add_headers(self, app: Flask, session: RedisSession, response: Response) -> None:
        record = session.record
        policy = self._policy(app)
        cookie = None
        if record.given is not None:
            cookie = policy.set(record.given, self._max_age(app, session))
            self._warn_of_http(policy)
        elif record.taken and {policy.full_name, *self._old_names(app)} & set(
            flask.request.cookies
        ):
            cookie = policy.delete()
        if session.accessed or cookie is not None:
            response.vary.add("Cookie")
        if cookie is not None:
            text = header(cookie, http_only=self.get_cookie_httponly(app))
            response.headers.add("Set-Cookie", text)
            response.headers["Cache-Control"] = "no-store"
            self._remove_old(app, policy, response)
        elif record.info is not None and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private"

    def _old_names(self, app: Flask) -> list[str]:
        return [old_name(app)] if self.settings.legacy or self.settings.imported else []

    def _remove_old(self, app: Flask, policy: CookiePolicy, response: Response) -> None:
        """Removes the cookie of an old session, which another name has replaced."""
        for name in self._old_names(app):
            if name != policy.full_name and name in flask.request.cookies:
                response.delete_cookie(name, path=policy.path, domain=policy.domain)

    def _max_age(self, app: Flask, session: RedisSession) -> int | None:
        ends = self.get_expiration_time(app, session)
        if ends is None:
            return None
        return max(1, round((ends - datetime.now(timezone.utc)).total_seconds()))

    def _warn_of_http(self, policy: CookiePolicy) -> None:
        if self._warned or policy.insecure or flask.request.is_secure:
            return
        self._warned = True
        log.warning(
            "the session cookie is Secure, and this request came by http: browsers drop such a "
            "cookie. On your own machine set insecure=True. Behind a proxy that ends TLS use "
            "werkzeug.middleware.proxy_fix.ProxyFix, which also ends this warning."
        )


def _is_current(session: RedisSession) -> bool:
    """Whether this is the session of the request, and not one of a test's session_transaction."""
    proxy: Any = flask.session
    return proxy._get_current_object() is session


def _replace(app: Flask, response: Response, error: Any) -> None:
    """Turns a response into the application's page for this error."""
    page = app.make_response(app.handle_http_exception(error))
    response.close()
    response.status = page.status
    response.headers = page.headers
    response.response = page.response
    response.direct_passthrough = page.direct_passthrough
