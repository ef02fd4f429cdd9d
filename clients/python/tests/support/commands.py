"""Looks at the server behind an application: its keys, and the commands that it receives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from redis_session_client.results import INFO_FIELDS

INFO = f"FIELDS {len(INFO_FIELDS)} {' '.join(INFO_FIELDS)}"
"""The words that ask for all metadata."""


def keys(raw: redis.Redis, prefix: str) -> list[str]:
    """All keys that begin with the prefix."""
    return sorted(raw.scan_iter(match=f"{prefix}*", count=1000))


@contextmanager
def watched(raw: redis.Redis) -> Iterator[list[str]]:
    """Gives a list that has, after the block, the module's commands that the server received."""
    seen: list[str] = []
    with raw.monitor() as monitor:
        yield seen
        raw.execute_command("ECHO", "end")
        for command in monitor.listen():
            if command["command"].startswith("ECHO"):
                break
            if command["command"].startswith("SESSION."):
                seen.append(command["command"])
