"""The options of the commands, as words of a command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict


class Expiry(TypedDict, total=False):
    """When a session ends. Of the first five one may be given, and one of the last two.

    What is not given is the server's setting for a new session, and stays as it is for a live one.
    """

    ex: int | timedelta
    """Deadline: so many seconds from now."""
    px: int | timedelta
    """Deadline: so many milliseconds from now."""
    exat: int | datetime
    """Deadline: a Unix time in seconds."""
    pxat: int | datetime
    """Deadline: a Unix time in milliseconds."""
    persist: bool
    """No deadline, or the one that session.max-ttl says."""
    idle: int | timedelta
    """Idle timeout in seconds; 0 for none."""
    pidle: int | timedelta
    """Idle timeout in milliseconds; 0 for none."""


Word = str | bytes | int

_MS = timedelta(milliseconds=1)


def expiry_words(expiry: Expiry) -> list[Word]:
    """A timedelta or a datetime is sent in milliseconds, whichever the option's unit is."""
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


def named(**options: Word | None) -> list[Word]:
    """`if_version=3` as IFVERSION 3. None is an option that was not given."""
    words: list[Word] = []
    for name, value in options.items():
        if value is not None:
            words += [name.replace("_", "").upper(), value]
    return words


def flags(**options: bool) -> list[Word]:
    """`no_touch=True` as NOTOUCH."""
    return [name.replace("_", "").upper() for name, given in options.items() if given]


def encoded(words: list[Word]) -> tuple[str | bytes, ...]:
    """The command's name as text, for routing in a cluster, and the rest as bytes.

    Texts are UTF-8 whatever the encoding of the client is.
    """
    name, *rest = words
    return (
        str(name),
        *[w if isinstance(w, bytes) else str(w).encode("utf-8", "surrogateescape") for w in rest],
    )
