"""Sessions that visitors have from Flask's own signed cookie or from Flask-Session.

A visitor who comes with the old cookie gets a session with the old data, and stays logged in. The
new ticket is the old ID, or is computed from the signed cookie, so that requests at the same time
get the same session. `sessionctl import` makes its key of the same ID, so what it has moved is
found, and never moved again. An old session is taken over once: after a logout the old cookie opens
nothing. Nothing is ever unpickled.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from flask import Flask, Request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, Signer
from redis.exceptions import ResponseError

from ..ids import is_imported
from ..web.sync_backend import SyncRedisBackend

log = logging.getLogger("redis_session_client")

KINDS = ("cookie", "flask-session")


class Legacy(Protocol):
    """The old session of one request."""

    ticket: str
    """The ticket of the session that takes its place."""

    def read(self) -> dict[str, Any] | None:
        """The old data, if it is still there."""
        ...

    def forget(self) -> None:
        """Makes sure that the old cookie opens nothing any more."""
        ...


def legacy_of(
    app: Flask, request: Request, backend: SyncRedisBackend, kinds: Sequence[str]
) -> Legacy | None:
    """The old session that the request names, or None."""
    cookie = request.cookies.get(old_name(app))
    if not cookie:
        return None
    if "flask-session" in kinds and (sid := old_id(app, request)) is not None:
        return _Stored(app, backend, sid)
    return _Signed(app, backend, cookie) if "cookie" in kinds and "." in cookie else None


def old_name(app: Flask) -> str:
    """The name of the old cookie, without the prefix that ours has."""
    name: str = app.config["SESSION_COOKIE_NAME"]
    return name.removeprefix("__Host-").removeprefix("__Secure-")


def old_id(app: Flask, request: Request) -> str | None:
    """The ID in the cookie of Flask-Session, if its signature is good where it has one."""
    cookie = request.cookies.get(old_name(app), "")
    if app.config.get("SESSION_USE_SIGNER"):
        key = app.secret_key or ""
        try:
            cookie = (
                Signer(key, salt="flask-session", key_derivation="hmac").unsign(cookie).decode()
            )
        except (BadSignature, UnicodeDecodeError):
            return None
    return cookie if is_imported(cookie) else None


def _ticket(backend: SyncRedisBackend, cookie: str) -> str:
    """A ticket that nobody can guess without the signed cookie."""
    digest = hashlib.sha256(b"redis-session-client " + cookie.encode()).digest()
    token = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    secret = digest.hex()[:32] if backend.ids.bare else token
    return f"{digest.hex()[-4:]}.{secret}" if backend.ids.tagged else secret


class _Stored(Legacy):
    """A session of Flask-Session, in the same Redis."""

    def __init__(self, app: Flask, backend: SyncRedisBackend, sid: str) -> None:
        self._client: Any = backend.client
        self._key = app.config.get("SESSION_KEY_PREFIX", "session:") + sid
        self.ticket = sid

    def read(self) -> dict[str, Any] | None:
        try:
            text = self._client.execute_command("GET", self._key)
        except (ResponseError, UnicodeDecodeError):  # another type of key, a client that decodes
            return None
        return None if text is None else _unpacked(text)

    def forget(self) -> None:
        self._client.execute_command("DEL", self._key)


def _unpacked(text: bytes | str) -> dict[str, Any] | None:
    """The data as Flask-Session decodes it, except that nothing is unpickled."""
    import msgspec

    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    for decode in (msgspec.msgpack.decode, msgspec.json.decode):
        try:
            data: Any = decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(data, dict):
            return data
    log.warning("an old session is neither MessagePack nor JSON, and is not taken over")
    return None


class _Signed(Legacy):
    """A session in Flask's own signed cookie. A mark in the server says that it was taken over."""

    def __init__(self, app: Flask, backend: SyncRedisBackend, cookie: str) -> None:
        self._app = app
        self._backend = backend
        self._cookie = cookie
        self.ticket = _ticket(backend, cookie)

    def read(self) -> dict[str, Any] | None:
        serializer = SecureCookieSessionInterface().get_signing_serializer(self._app)
        if serializer is None or self._backend.retired(self.ticket):
            return None
        try:
            data = serializer.loads(self._cookie, max_age=int(self._age.total_seconds()))
        except BadSignature:
            return None
        return data if isinstance(data, dict) else None

    @property
    def _age(self) -> timedelta:
        return self._app.permanent_session_lifetime

    def forget(self) -> None:
        key = self._backend.ids.key(self.ticket)
        if key is not None:
            # As long as the signature is valid.
            self._backend.commands.create_as(self._backend.ids.retired(key), {}, px=self._age)


def check_legacy(kinds: str | Sequence[str]) -> tuple[str, ...]:
    """The setting `legacy`. ValueError for an unknown kind, RuntimeError without msgspec."""
    found = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in found:
        if kind not in KINDS:
            raise ValueError(f"legacy is 'cookie', 'flask-session' or both, not {kind!a}")
    if "flask-session" in found:
        try:
            import msgspec  # noqa: F401
        except ImportError:
            raise RuntimeError(
                "legacy='flask-session' needs msgspec: pip install msgspec"
            ) from None
    return found
