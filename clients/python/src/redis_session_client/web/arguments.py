"""Checks of the arguments that applications give, for all frameworks.

Each raises TypeError or ValueError where the argument is written. Otherwise the server would refuse
the first login, and the visitor would get a 500.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

USER_BYTES = 255
"""The longest name of a user, in bytes of UTF-8. The server takes 512, with the prefix."""
PREFIX_BYTES = 255
"""The longest prefix of keys, in bytes of UTF-8."""
MAX_SECONDS = 2**53 // 1000
"""The longest time in seconds: 285,000 years."""


def check_user(user: object) -> str:
    """The user's name. TypeError if it is no str, ValueError unless it has 1 to 255 bytes."""
    if not isinstance(user, str):
        raise TypeError(
            f"a user's name is a str, not {_kind(user)}: write str(...) around the user's id"
        )
    if not 1 <= _bytes(user, "a user's name") <= USER_BYTES:
        raise ValueError(f"a user's name has 1 to {USER_BYTES} bytes of UTF-8")
    return user


def check_prefix(prefix: object) -> str:
    """The prefix of keys. TypeError if it is no str, ValueError if it is too long."""
    if not isinstance(prefix, str):
        raise TypeError(f"a prefix is a str, such as 'shop:', not {_kind(prefix)}")
    if _bytes(prefix, "a prefix") > PREFIX_BYTES:
        raise ValueError(f"a prefix has at most {PREFIX_BYTES} bytes of UTF-8")
    return prefix


def check_lifetime(lifetime: object, name: str = "lifetime") -> None:
    """A lifetime is None, an int of seconds or a timedelta, and longer than nothing."""
    if lifetime is not None and _milliseconds(lifetime, name) <= 0:
        raise ValueError(f"{name} is a time in the future: 1 second or more, or None")


def check_idle(idle: object, name: str = "idle") -> None:
    """An idle timeout is None, an int of seconds (0 for no timeout) or a timedelta."""
    if idle is not None and _milliseconds(idle, name) < 0:
        raise ValueError(f"{name} is not negative: seconds, 0 for no idle timeout, or None")


def check_max_sessions(count: object) -> None:
    """A limit on a user's sessions is None, or an int of 1 or more."""
    if count is None:
        return
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f"max_sessions is an int or None, not {_kind(count)}")
    if not 1 <= count < 2**63:
        raise ValueError("max_sessions is 1 or more; None sets no limit")


def check_fresh(fresh: object) -> None:
    """The age of an authentication is None, or an int of seconds, 0 or more."""
    if fresh is None:
        return
    if not isinstance(fresh, int) or isinstance(fresh, bool):
        raise TypeError(f"fresh is an int of seconds or None, not {_kind(fresh)}")
    if not 0 <= fresh <= MAX_SECONDS:
        raise ValueError("fresh is 0 seconds or more")


def check_interval(seconds: object, name: str) -> None:
    """An interval between two checks is a number of seconds, above 0."""
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"{name} is a number of seconds, not {_kind(seconds)}")
    if not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"{name} is a number of seconds above 0")


def check_list(given: object, name: str, of: str) -> None:
    """A list of texts is no text itself: iterating over a str gives its letters."""
    if isinstance(given, (str, bytes)) or not isinstance(given, (Sequence, set, frozenset)):
        raise TypeError(f"{name} takes a list of {of}, not {_kind(given)}")


def _milliseconds(time: object, name: str) -> int:
    if isinstance(time, timedelta):
        seconds = time // timedelta(seconds=1)
        found = time // timedelta(milliseconds=1)
    elif isinstance(time, int) and not isinstance(time, bool):
        seconds, found = time, time * 1000
    else:
        raise TypeError(
            f"{name} is an int of seconds, a timedelta or None, not {_kind(time)}: "
            "timedelta(hours=1) is an hour"
        )
    if seconds > MAX_SECONDS:
        raise ValueError(f"{name} is {MAX_SECONDS} seconds at most")
    return found


def _bytes(text: str, what: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise ValueError(f"{what} has half of a surrogate pair, which is no text") from None


def _kind(value: Any) -> str:
    """The type of a value, for an error. The value itself can be a secret."""
    return "None" if value is None else f"a {type(value).__name__}"
