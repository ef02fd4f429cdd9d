"""The times of a session in MemoryBackend: when it ends, which are believed, and what is fresh.

Pure functions of a session's Info and the present time, with the rules of the server.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from .._options import Expiry, expiry_words
from ..errors import Stale
from ..results import Info

_AHEAD = 60_000
"""A time further in the future than this (ms) is not believed: a clock was wrong for a while."""


def _believed(time: int, now: int) -> bool:
    return time <= now + _AHEAD


def ended(info: Info, now: int) -> bool:
    """Whether the session has ended. It is still live in its last millisecond."""
    ends = [info.deadline, info.idle and info.accessed + info.idle]
    return any(end and end < now for end in ends)


def accessed(info: Info, now: int) -> Info:
    """The metadata after an access at `now`. Times that are not believed are put right."""
    authenticated = info.authenticated
    if authenticated is not None and not _believed(authenticated, now):
        authenticated = info.created if _believed(info.created, now) else 0
    last = info.accessed
    return replace(
        info,
        created=info.created if _believed(info.created, now) else now,
        issued=info.issued if _believed(info.issued, now) else now,
        accessed=last if now <= last and _believed(last, now) else now,
        authenticated=authenticated,
    )


def order(info: Info, now: int) -> tuple[int, int]:
    """A sort key: most recently accessed first, then most recently created."""
    created = info.created if _believed(info.created, now) else 0
    times = (info.accessed, info.issued)
    recent = next((time for time in times if _believed(time, now)), created)
    return -recent, -created


def check_fresh(info: Info, fresh: int, now: int) -> None:
    """Raises Stale, unless the user authenticated at most `fresh` seconds ago."""
    at = info.authenticated
    if at is None:
        raise Stale("no user has authenticated in this session")
    if not _believed(at, now):
        raise Stale(
            "the time at which the user authenticated lies in the future, and is not believed"
        )
    if now - at > fresh * 1000:
        raise Stale(
            f"the user authenticated {(now - at) // 1000} seconds ago, "
            f"and at most {fresh} are asked for"
        )


def with_expiry(info: Info, expiry: Expiry, now: int) -> Info:
    """The metadata with new timeouts, and with the time left at `now` (Unix ms)."""
    words = expiry_words(expiry)
    if "PERSIST" in words:
        info = replace(info, deadline=None)
    units = {"EX": 1000, "PX": 1, "EXAT": 1000, "PXAT": 1, "IDLE": 1000, "PIDLE": 1}
    for word, value in pairwise(words):
        if word not in units or not isinstance(value, int):
            continue
        ms = value * units[str(word)]
        if word in ("IDLE", "PIDLE"):
            info = replace(info, idle=ms or None)
        else:
            info = replace(info, deadline=ms if str(word).endswith("AT") else now + ms)
    ends = [info.deadline, info.idle and info.accessed + info.idle]
    return replace(info, ttl=min((end - now for end in ends if end), default=None))
