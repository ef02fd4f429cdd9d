"""RedisSessions: the extension that an application makes, and what its routes call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import flask
from flask import Flask
from werkzeug.exceptions import Forbidden

from .._sync.send import Client
from ..results import Info
from ..web.arguments import check_user
from ..web.protocol import Device
from ..web.sync_backend import SyncRedisBackend
from .interface import RedisSessionInterface
from .reading import reached
from .session import RedisSession
from .settings import settings_of
from .signals import session_refused

_NOT_INSTALLED = "this application has no RedisSessions: call init_app(app)"


class RedisSessions:
    """Stores `flask.session` in the module, and logs users in and out.

        sessions = RedisSessions(app, "redis://localhost:6379/0")

    or, with a factory, `sessions = RedisSessions()` and later `sessions.init_app(app)`. What is not
    given here comes from `app.config["REDIS_SESSION_…"]`, such as REDIS_SESSION_URL.

    `url` is a URL, a client of redis-py (plain, of a Sentinel, or of a cluster), or a
    SyncRedisBackend. All keys begin with `prefix`, by default `session:`. With a URL, the server
    has `timeout` seconds (2) for each reply. `insecure` is for plain http on your own machine: it
    drops Secure and the `__Host-` prefix from the cookie. New sessions are `permanent` if that is
    set.

    `user` is the member that names the session's user, a str or an int, such as `"_user_id"` with
    Flask-Login. A change of it is a login: the server learns the user, so that the user's devices
    can be listed and logged out. With `max_sessions` a login ends the user's least recently used
    sessions beyond that number. A change of a top-level member in `rotate_on` gives the session a
    new ID; the old ID works for `grace` more milliseconds.

    `lifetime` and `idle` (seconds) apply to new sessions and to logins. Without them a session ends
    PERMANENT_SESSION_LIFETIME after its last use. New sessions get the schema named `schema`; a
    session that does not satisfy it counts as none. With `check_origin`, a POST, PUT, PATCH or
    DELETE with a session that a page of another site sends is a 403, except from `origins`.

    `legacy` takes over sessions that visitors have from Flask's own signed cookie (`"cookie"`) or
    from Flask-Session in the same Redis (`"flask-session"`), so that nobody is logged out.
    `imported` takes the cookies of sessions that `sessionctl import` has moved here.

    TypeError or ValueError for a setting of a wrong kind.
    """

    def __init__(
        self,
        app: Flask | None = None,
        url: str | Client | SyncRedisBackend | None = None,
        *,
        prefix: str | None = None,
        timeout: float | None = None,
        insecure: bool | None = None,
        permanent: bool | None = None,
        user: str | None = None,
        rotate_on: Sequence[str] | None = None,
        grace: int | None = None,
        max_sessions: int | None = None,
        lifetime: int | timedelta | None = None,
        idle: int | timedelta | None = None,
        schema: str | None = None,
        check_origin: bool | None = None,
        origins: Sequence[str] | None = None,
        legacy: str | Sequence[str] | None = None,
        imported: bool | None = None,
    ) -> None:
        self._arguments = {
            "url": url,
            "prefix": prefix,
            "timeout": timeout,
            "insecure": insecure,
            "permanent": permanent,
            "user": user,
            "rotate_on": rotate_on,
            "grace": grace,
            "max_sessions": max_sessions,
            "lifetime": lifetime,
            "idle": idle,
            "schema": schema,
            "check_origin": check_origin,
            "origins": origins,
            "legacy": legacy,
            "imported": imported,
        }
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Installs the sessions in an application. Its configuration must be complete."""
        if not isinstance(app, Flask):
            raise TypeError(
                f"the first argument is a Flask application, not a {type(app).__name__}"
            )
        settings = settings_of(app.config, self._arguments)
        if app.permanent_session_lifetime <= timedelta(0):
            raise ValueError("PERMANENT_SESSION_LIFETIME is 1 second or more")
        interface = RedisSessionInterface(settings)
        interface.get_cookie_name(app)  # so that a wrong SESSION_COOKIE_… is found here
        app.session_interface = interface
        app.extensions["redis_session_client"] = self
        origins = settings.origins
        if origins is not None:

            @app.before_request
            def refuse_other_origins() -> None:
                request = flask.request
                if not interface.carries(app, request):
                    return
                if not origins.admit_method(request.method, cast(Any, request)):
                    session_refused.send(app, reason="origin")
                    raise Forbidden("The request comes from a page of another site.")

    # For routes.

    @property
    def info(self) -> Info | None:
        """The session's metadata when it was read; None without a session."""
        return _current().info

    @property
    def user(self) -> str | None:
        """The session's user: who is logged in by this request, or else the server's user."""
        current = _current()
        settings = current.record.settings
        if current.login is not None or current.cleared:
            return current.login
        if settings.user is not None:
            current.load()
            return settings.user_of(current)
        return current.info.user if current.info else None

    def login(self, user: str, /, *, remember: bool | None = None, **members: Any) -> None:
        """Logs the user in when the response is saved, and sets members of the session.

        A visitor's session goes on under a new ID, with the members that it had. A session of
        another user ends. `remember` makes the cookie outlive the browser, or not. If the response
        is an error (400 or above), nobody is logged in. The setting `user` names a member that is
        set to `user` too, unless `members` has it.

        TypeError unless `user` is a str, ValueError unless it has 1 to 255 bytes.
        """
        check_user(user)
        current = _current()
        name = current.record.settings.user
        if name is not None and str(members.setdefault(name, user)) != user:
            raise ValueError(f"the member {name!a} names another user than the login")
        current.update(members)
        current.login = user
        if remember is not None:
            current.permanent = remember

    def logout(self) -> None:
        """Ends the session, and removes the cookie: `session.clear()`."""
        _current().clear()

    def rotate(self) -> None:
        """Gives the session a new ID when the response is saved, even if nothing changed in it.

        It counts as a login of the session's user. Use it when users have confirmed who they are.
        """
        _current().rotate = True

    def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, each with the values at `pointers`; empty without a user."""
        user, record = self.user, _current().record
        if user is None:
            return []
        with reached():
            return record.settings.backend.devices(user, *pointers, current=record.ticket)

    def end_device(self, handle: str) -> bool:
        """Ends the session of this user that has this handle in `devices`. False if none has."""
        user, record = self.user, _current().record
        if user is None:
            return False
        with reached():
            return record.settings.backend.end_device(user, handle)

    def end_others(self) -> int:
        """Logs the user out everywhere else, and returns how many sessions ended."""
        user, record = self.user, _current().record
        if user is None:
            return 0
        with reached():
            return record.settings.backend.end_all(user, keep=record.ticket)

    def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too, and returns how many sessions ended."""
        user, record = self.user, _current().record
        if user is None:
            return 0
        with reached():
            ended = record.settings.backend.end_all(user)
        _current().clear()
        return ended

    def end_user(self, user: str) -> int:
        """Ends all sessions of any user, and returns how many ended: for an administrator.

        It needs an application context, but no request.
        """
        interface = flask.current_app.session_interface
        if not isinstance(interface, RedisSessionInterface):
            raise RuntimeError(_NOT_INSTALLED)
        with reached():
            return interface.settings.backend.end_all(check_user(user))


def _current() -> RedisSession:
    """The session of the present request. RuntimeError without this extension."""
    proxy: Any = flask.session
    found = proxy._get_current_object()
    if not isinstance(found, RedisSession):
        raise RuntimeError(_NOT_INSTALLED)
    return found
