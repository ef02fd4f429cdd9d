"""A command on its way, and whether it may be sent again after its reply was lost."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import ConnectionError

TRIES = 3
"""A call that found no answer on this many connections fails."""


class Call:
    """A command that waits for its reply."""

    __slots__ = ("deadline", "future", "packed", "tries", "words")

    def __init__(
        self, future: asyncio.Future[Any], words: tuple[Any, ...], packed: bytes, deadline: float
    ) -> None:
        self.future = future
        self.words = words
        self.packed = packed
        self.deadline = deadline
        self.tries = 0

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def repeatable(words: tuple[Any, ...]) -> bool:
    """Whether a command whose reply was lost may be sent again, although it may have been run.

    A JSON Patch can append the same item twice. A change with IFVERSION would be refused because of
    its own first run. Other commands leave the same state, or, like SET with a new ID, one session
    more that nobody knows and that ends by its timeouts.
    """
    if words[0] == "SESSION.PATCH" and bytes(words[2]).lstrip()[:1] == b"[":
        return False
    return b"IFVERSION" not in words


def alike(error: Exception) -> Exception:
    """An error like this one, for one more call: raising one object twice mixes its tracebacks."""
    try:
        return type(error)(*error.args)
    except TypeError:
        return ConnectionError(str(error))
