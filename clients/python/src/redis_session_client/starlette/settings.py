"""Settings: the arguments of a SessionMiddleware, resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from .._async.send import AsyncClient
from .._json import dumps, loads
from .._options import Expiry, new_session_expiry
from ..web.arguments import check_idle, check_lifetime, check_list, check_max_sessions
from ..web.cookies import CookiePolicy
from ..web.devices import TrackingBackend
from ..web.frontends import Frontend, frontends_of, takes_imported
from ..web.json_values import Codec
from ..web.protocol import Backend
from ..web.resolve import backend_of

_MAX_GRACE = 2**53


@dataclass(frozen=True)
class Settings:
    """See SessionMiddleware for the meaning of each."""

    backend: Backend
    frontends: Sequence[Frontend]
    lifetime: int | timedelta | None
    idle: int | timedelta | None
    rolling: bool
    remember: bool
    schema: str | None
    user: str | None
    max_sessions: int | None
    rotate_on: frozenset[str]
    grace: int | None
    codec: Codec | None
    lazy: bool
    track_devices: bool

    @property
    def new(self) -> Expiry:
        """The timeouts of a new session and of a login."""
        return new_session_expiry(self.lifetime, self.idle)

    @property
    def rolled(self) -> Expiry:
        """The timeouts to send with a change of a live session: new ones only if `rolling`."""
        return self.new if self.rolling else Expiry()

    def loads(self, text: str) -> Any:
        """What a route sees for the stored text."""
        return loads(text) if self.codec is None else self.codec.loads(text)

    def user_of(self, data: dict[str, Any]) -> str | None:
        """The user that the data names, or None. Always None without the `user` setting.

        TypeError if the member is no str, int or UUID.
        """
        named = dict.get(data, self.user) if self.user is not None else None
        if named is None or named == "":
            return None
        if isinstance(named, bool) or not isinstance(named, (str, int, UUID)):
            raise TypeError(
                f"the session's {self.user!a} names its user, as a str, an int or a UUID, "
                f"and is a {type(named).__name__}"
            )
        return str(named)

    def same_place(self, other: Settings) -> bool:
        """Whether the two read and write their tickets at the same place of a request."""
        places = {(one.location, one.name.lower()) for one in self.frontends}
        return any((one.location, one.name.lower()) in places for one in other.frontends)


def settings_of(
    backend: str | AsyncClient | Backend,
    *,
    prefix: str | None,
    insecure: bool,
    frontends: Sequence[Frontend] | None,
    imported: str | CookiePolicy | None,
    rotate_on: Sequence[str],
    schemas: Mapping[str, Any] | None,
    **rest: Any,
) -> Settings:
    """The arguments of a SessionMiddleware as Settings.

    TypeError or ValueError for those that would fail in the first request, or do something else
    than they seem to say.
    """
    check_list(rotate_on, "rotate_on", "names of members")
    for name, check in _CHECKS.items():
        check(rest[name], name)
    check_max_sessions(rest["max_sessions"])
    if rest["rolling"] and rest["lifetime"] is None:
        raise ValueError("rolling needs a lifetime to set anew")
    if rest["max_sessions"] is not None and rest["user"] is None:
        raise ValueError("max_sessions needs user, the member that names the session's user")
    fronts = frontends_of(frontends, insecure, imported)
    found = backend_of(backend, prefix, takes_imported(fronts))
    for name, schema in (schemas or {}).items():
        _check_text(name, "a schema's name")
        found.schemas[name] = dumps(schema).decode()
    return Settings(
        backend=TrackingBackend(found) if rest["track_devices"] else found,
        frontends=fronts,
        rotate_on=frozenset(rotate_on),
        **rest,
    )


def _check_text(value: object, name: str) -> None:
    if value is not None and (not isinstance(value, str) or not value):
        raise TypeError(f"{name} is a text, not {value!a}")


def check_flag(value: object, name: str) -> None:
    """A flag is True or False; a text such as 'no' would count as true."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {value!a}")


def _check_grace(value: object, name: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{name} is an int of milliseconds, not {value!a}")
    if value is not None and not 0 < value <= _MAX_GRACE:
        raise ValueError(f"{name} is 1 millisecond or more; without a grace leave it out")


def _check_codec(value: object, name: str) -> None:
    if value is not None and not isinstance(value, Codec):
        raise TypeError(f"{name} is a Codec, such as typed_json, not {value!a}")


_CHECKS: dict[str, Any] = {
    "lifetime": check_lifetime,
    "idle": check_idle,
    "grace": _check_grace,
    "user": _check_text,
    "schema": _check_text,
    "codec": _check_codec,
    **dict.fromkeys(("rolling", "remember", "lazy", "track_devices"), check_flag),
}
