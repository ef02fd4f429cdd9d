"""Looks at the server behind an application: its keys, and the commands that it receives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from redis_session_client.results import INFO_FIELDS

INFO = f"FIELDS {len(INFO_FIELDS)} {' '.join(INFO_FIELDS)}"
"""The words that ask for all metadata."""

_RETIRED = re.compile(r"(?:^|[:}])r[0-9a-f]{32}$")
"""The key of the mark that a cookie is retired: it is no session of a visitor."""


def keys(raw: redis.Redis, prefix: str) -> list[str]:
    """All keys that begin with the prefix, without the marks of retired cookies."""
    found = raw.scan_iter(match=f"{prefix}*", count=1000)
    return sorted(key for key in found if not _RETIRED.search(key))


def marks(raw: redis.Redis, prefix: str) -> list[str]:
    """The keys that mark cookies as retired."""
    found = raw.scan_iter(match=f"{prefix}*", count=1000)
    return sorted(key for key in found if _RETIRED.search(key))


@contextmanager
def watched(raw: redis.Redis) -> Iterator[list[str]]:
    """Gives a list that has, after the block, the module's commands that the server received.

    Without those that mark a retired cookie: they are sent together with another command.
    """
    seen: list[str] = []
    with raw.monitor() as monitor:
        yield seen
        raw.execute_command("ECHO", "end")
        for command in monitor.listen():
            if command["command"].startswith("ECHO"):
                break
            words = command["command"].split(" ")
            if words[0].startswith("SESSION.") and not _RETIRED.search(words[1]):
                seen.append(command["command"])
