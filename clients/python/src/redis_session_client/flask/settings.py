"""Settings: the arguments of RedisSessions, completed by `app.config` and checked.

An argument wins over the configuration. Each has the key `REDIS_SESSION_…`; some also go by the
name that Flask-Session gave it. A wrong value is an error when the extension is installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .._options import Expiry
from ..web.arguments import check_idle, check_lifetime, check_list, check_max_sessions
from ..web.origins import Origins
from ..web.sync_backend import SyncRedisBackend
from ..web.sync_resolve import sync_backend_of
from .legacy import check_legacy

_KEY = "REDIS_SESSION_"
_OTHER_NAMES = {"URL": "SESSION_REDIS", "PREFIX": "SESSION_KEY_PREFIX"}
_OTHER_NAMES |= {"PERMANENT": "SESSION_PERMANENT"}
DEFAULTS: dict[str, Any] = {
    "url": "redis://localhost:6379/0",
    "prefix": None,
    "timeout": None,
    "insecure": False,
    "permanent": False,
    "user": None,
    "rotate_on": ("user", "user_id", "username", "_user_id"),
    "grace": None,
    "max_sessions": None,
    "lifetime": None,
    "idle": None,
    "schema": None,
    "check_origin": False,
    "origins": (),
    "legacy": (),
    "imported": False,
}
"""All settings, as their names in lower case."""


@dataclass(frozen=True)
class Settings:
    """See RedisSessions for the meaning of each."""

    backend: SyncRedisBackend
    insecure: bool
    permanent: bool
    user: str | None
    rotate_on: frozenset[str]
    grace: int | None
    max_sessions: int | None
    lifetime: int | timedelta | None
    idle: int | timedelta | None
    schema: str | None
    origins: Origins | None
    """Whose pages may send unsafe requests; None without the check."""
    legacy: Sequence[str]
    """The kinds of old sessions that are taken over."""
    imported: bool
    """Whether cookies of sessions that `sessionctl import` has moved here are taken."""

    def begun(self, age: timedelta, *, rolling: bool) -> Expiry:
        """The timeouts of a new session and of a login. `age` is PERMANENT_SESSION_LIFETIME.

        Without a setting, a session ends `age` after its last use or, not `rolling`, after its last
        change.
        """
        expiry = self.changed(age, rolling=rolling)
        if self.lifetime is not None:
            expiry["ex"] = self.lifetime
        elif "ex" not in expiry:
            expiry["persist"] = True
        idle = age if self.idle is None and rolling else self.idle
        if idle is not None:
            expiry["idle"] = idle
        return expiry

    def changed(self, age: timedelta, *, rolling: bool) -> Expiry:
        """The timeouts to send with each change of a live session."""
        if rolling or self.lifetime is not None or self.idle is not None:
            return Expiry()
        return Expiry(ex=age)

    def user_of(self, data: Mapping[str, Any]) -> str | None:
        """The user that the session names, or None. Always None without the setting `user`.

        TypeError if the member is neither a str nor an int.
        """
        named = data.get(self.user) if self.user is not None else None
        if named is None or named == "":
            return None
        if isinstance(named, bool) or not isinstance(named, (str, int)):
            raise TypeError(
                f"session[{self.user!a}] names the session's user, as a str or an int, and is a "
                f"{type(named).__name__}"
            )
        return str(named)


def settings_of(config: Mapping[str, Any], arguments: Mapping[str, Any]) -> Settings:
    """The settings from arguments, those that are not None, and the configuration."""
    for name in config:
        if name.startswith(_KEY) and name.removeprefix(_KEY).lower() not in DEFAULTS:
            known = ", ".join(sorted(_KEY + known.upper() for known in DEFAULTS))
            raise ValueError(f"there is no setting {name}; there are {known}")
    found = {name: _found(name, config, arguments) for name in DEFAULTS}
    for name in ("insecure", "permanent", "check_origin", "imported"):
        _check(name, found[name], bool, "True or False")
    for name in ("user", "schema"):
        if found[name] is not None:
            _check(name, found[name], str, "a name, or None")
    check_list(found["rotate_on"], "rotate_on", "names of members of the session")
    check_max_sessions(found["max_sessions"])
    check_lifetime(found["lifetime"])
    check_idle(found["idle"])
    _check_grace(found["grace"])
    if found["max_sessions"] is not None and found["user"] is None:
        raise ValueError(
            "max_sessions needs user, the name of the member that holds the session's user"
        )
    legacy = check_legacy(found["legacy"])
    # Sessions of Flask-Session keep their ID when they are taken over.
    imported = found["imported"] or "flask-session" in legacy
    return Settings(
        backend=sync_backend_of(found["url"], found["prefix"], found["timeout"], imported),
        insecure=found["insecure"],
        permanent=found["permanent"],
        user=found["user"],
        rotate_on=frozenset(found["rotate_on"]),
        grace=found["grace"],
        max_sessions=found["max_sessions"],
        lifetime=found["lifetime"],
        idle=found["idle"],
        schema=found["schema"],
        origins=_origins(found["check_origin"], found["origins"], found["insecure"]),
        legacy=legacy,
        imported=found["imported"],
    )


def _found(name: str, config: Mapping[str, Any], arguments: Mapping[str, Any]) -> Any:
    if arguments.get(name) is not None:
        return arguments[name]
    upper = name.upper()
    for key in (_KEY + upper, _OTHER_NAMES.get(upper)):
        if key is not None and config.get(key) is not None:
            return config[key]
    return DEFAULTS[name]


def _check(name: str, value: object, kind: type, wanted: str) -> None:
    if not isinstance(value, kind) or value == "":
        raise TypeError(f"{name} is {wanted}, not a {type(value).__name__}")


def _check_grace(grace: object) -> None:
    if grace is None:
        return
    if not isinstance(grace, int) or isinstance(grace, bool):
        raise TypeError(f"grace is an int of milliseconds or None, not a {type(grace).__name__}")
    if grace < 1:
        raise ValueError("grace is 1 millisecond or more, or None")


def _origins(check: bool, others: Sequence[str], insecure: bool) -> Origins | None:
    found = Origins({"https", "http"} if insecure else {"https"}, others)
    if others and not check:
        raise ValueError("origins are those that check_origin lets through: set check_origin=True")
    return found if check else None
