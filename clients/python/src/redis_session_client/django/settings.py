"""The setting SESSION_REDIS, checked and in one frozen object.

Every option is checked here, so that a mistake is an ImproperlyConfigured that names the option and
never a failure of a later request. The system checks (checks.py) report the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ..web.arguments import (
    check_idle,
    check_interval,
    check_lifetime,
    check_max_sessions,
    check_prefix,
)

SETTING = "SESSION_REDIS"
ENGINE = "redis_session_client.django"
_SCHEMES = ("redis", "rediss", "unix")


@dataclass(frozen=True)
class Settings:
    """The options of SESSION_REDIS; each field is one option, with its default."""

    url: str = "redis://localhost:6379/0"
    """Of one server: redis://, rediss:// (TLS) or unix://. Its query may set options
    of redis-py."""
    client: Any = None
    """In place of `url`: a client of redis-py (of one server, a Sentinel or a cluster), a function
    that makes one, or the dotted path of either."""
    prefix: str = "session:"
    """All keys begin with it, and all users have it before their name in the server."""
    timeout: float | None = None
    """Seconds to wait for a connection or a reply: 2 by default. For `url` only: a client has its
    own."""
    idle: timedelta | None = None
    """A session ends when no request has read it for this long. None: as the server is set.
    0: never."""
    lifetime: timedelta | None = None
    """A session ends this long after the login, or after it began if nobody has logged in."""
    max_sessions: int | None = None
    """A login ends the user's least recently used sessions beyond this number."""
    user: str = "_auth_user_id"
    """The top-level member of the data that names the user."""
    schema: str | None = None
    """The name of a JSON Schema in the server. Data that does not satisfy it is not stored."""
    replica_ok: bool = False
    """Whether the read at the start of a request may go to a replica of a cluster."""
    tag_by_user: bool = False
    """In a cluster: keep the sessions of a user in one slot, so that `max_sessions` is exact."""
    legacy: str | None = None
    """The engine used before, such as "django.contrib.sessions.backends.db". A session of it is
    moved here when its cookie is first seen."""
    imported: bool = False
    """Whether cookies of sessions that `sessionctl import` has moved here are taken."""
    partitioned: bool = False
    """Adds Partitioned to the cookie. Needs the middleware of this package."""


def read_settings() -> Settings:
    """The options of SESSION_REDIS. ImproperlyConfigured says what is wrong with them."""
    found = getattr(settings, SETTING, {})
    if not isinstance(found, Mapping):
        raise _wrong(f"must be a dict, not {type(found).__name__}")
    known = Settings.__dataclass_fields__
    for name in found:
        if name not in known:
            raise _wrong(f"has no option {name!r}; the options are {', '.join(known)}")
    values = {name: _CHECKS[name](name, value) for name, value in found.items()}
    for name in ("url", "timeout"):
        if "client" in values and name in values:
            raise _wrong(f"takes {name!r} or 'client', not both")
    read = Settings(**values)
    if read.tag_by_user and read.client is None:
        raise _wrong("'tag_by_user' is for a cluster: give its client")
    return read


def _wrong(text: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{SETTING} {text}")


def _url(name: str, value: Any) -> str:
    # The URL can hold a password, so no text shows it.
    url = _text(name, value)
    if urlsplit(url).scheme not in _SCHEMES:
        raise _wrong("'url' must begin with redis://, rediss:// or unix://")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise _wrong("'url' has a port that is no number") from None
    return url


def _client(name: str, value: Any) -> Any:
    if not (isinstance(value, str) or callable(value) or hasattr(value, "execute_command")):
        raise _wrong("'client' is a client of redis-py, a function that makes one, or a path")
    return value


def _prefix(name: str, value: Any) -> str:
    prefix = _text(name, value)
    if "{" in prefix or "*" in prefix:
        raise _wrong("'prefix' must have no '{' and no '*'")
    _checked(check_prefix, prefix)
    return prefix


def _checked(check: Callable[..., Any], *given: Any) -> None:
    try:
        check(*given)
    except (TypeError, ValueError) as error:
        raise _wrong(f"is wrong: {error}") from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name!r} must be a text that is not empty")
    return value


def _optional_text(name: str, value: Any) -> str | None:
    return None if value is None else _text(name, value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(f"{name!r} must be True or False")
    return value


def _timeout(name: str, value: Any) -> float:
    _checked(check_interval, value, repr(name))
    return float(value)


def _lifetime(name: str, value: Any) -> timedelta | None:
    _checked(check_lifetime, value, repr(name))
    return timedelta(seconds=value) if isinstance(value, int) else value


def _idle(name: str, value: Any) -> timedelta | None:
    _checked(check_idle, value, repr(name))
    return timedelta(seconds=value) if isinstance(value, int) else value


def _count(name: str, value: Any) -> int | None:
    _checked(check_max_sessions, value)
    found: int | None = value
    return found


_CHECKS: dict[str, Any] = {
    "url": _url,
    "client": _client,
    "prefix": _prefix,
    "timeout": _timeout,
    "idle": _idle,
    "lifetime": _lifetime,
    "max_sessions": _count,
    "user": _text,
    "schema": _optional_text,
    "replica_ok": _flag,
    "tag_by_user": _flag,
    "legacy": _optional_text,
    "imported": _flag,
    "partitioned": _flag,
}
