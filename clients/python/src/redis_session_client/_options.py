"""Options of the commands: keyword arguments of Python as words of a command.

Nothing here depends on a command. `_calls` puts the words behind each command's name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TypedDict


class Expiry(TypedDict, total=False):
    """When a session ends: a deadline (at most one of the first five) and an idle timeout.

    An omitted one is the server's setting for a new session, and unchanged for a live one.
    """

    ex: int | timedelta
    """Deadline: in this many seconds."""
    px: int | timedelta
    """Deadline: in this many milliseconds."""
    exat: int | datetime
    """Deadline: a Unix time in seconds."""
    pxat: int | datetime
    """Deadline: a Unix time in milliseconds."""
    persist: bool
    """No deadline, or the server's limit session.max-ttl if that is set."""
    idle: int | timedelta
    """Idle timeout in seconds; 0 for none."""
    pidle: int | timedelta
    """Idle timeout in milliseconds; 0 for none."""


Word = str | bytes | int
"""One word of a command."""

_MS = timedelta(milliseconds=1)


def new_session_expiry(lifetime: int | timedelta | None, idle: int | timedelta | None) -> Expiry:
    """The expiry of a new session, in seconds. None leaves that timeout to the server."""
    expiry = Expiry()
    if lifetime is not None:
        expiry["ex"] = lifetime
    if idle is not None:
        expiry["idle"] = idle
    return expiry


def expiry_words(expiry: Expiry) -> list[Word]:
    """Words such as EX 60 IDLE 30. A timedelta or a datetime is sent in milliseconds.

    Raises ValueError for a datetime without a time zone, and TypeError for another type.
    """
    words: list[Word] = []
    for name, value in expiry.items():
        if value is None or (name == "persist" and not value):
            continue
        word = name.upper()
        if name == "persist":
            words.append(word)
        elif isinstance(value, timedelta):
            words += ["PIDLE" if name in ("idle", "pidle") else "PX", value // _MS]
        elif isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{name}: a datetime needs a time zone")
            words += ["PXAT", int(value.timestamp() * 1000)]
        elif isinstance(value, int) and not isinstance(value, bool):
            words += [word, value]
        else:
            raise TypeError(f"{name} takes an int, a timedelta or a datetime, not {value!r}")
    return words


def moment(time: int | datetime | None) -> int | None:
    """A point in time in Unix milliseconds. ValueError for a datetime without a time zone."""
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ValueError("a datetime needs a time zone")
        return int(time.timestamp() * 1000)
    return time


def owner_words(user: str | None, max_sessions: int | None, refuse: bool) -> list[Word]:
    """The user of a session, and the limit on the user's sessions.

    Raises ValueError for `refuse` without a limit.
    """
    if refuse and max_sessions is None:
        raise ValueError("refuse needs max_sessions")
    words = value_words(user=user, max_sessions=max_sessions)
    return words + flag_words(refuse=refuse)


def value_words(**options: Word | None) -> list[Word]:
    """`if_version=3` as IFVERSION 3. An option that is None is left out."""
    words: list[Word] = []
    for name, value in options.items():
        if value is not None:
            words += [_word(name), value]
    return words


def flag_words(**options: bool) -> list[Word]:
    """`no_touch=True` as NOTOUCH."""
    return [_word(name) for name, given in options.items() if given]


@cache
def _word(name: str) -> str:
    """The word of an option. There are as many as the calls of this package name."""
    return name.replace("_", "").upper()


def encoded(words: list[Word]) -> tuple[str | bytes, ...]:
    """The command's name as text, which redis-py needs for routing, and the rest as bytes.

    Text becomes UTF-8, whatever encoding the client is set to.
    """
    name, *rest = words
    return (
        str(name),
        *[w if isinstance(w, bytes) else str(w).encode("utf-8", "surrogateescape") for w in rest],
    )
