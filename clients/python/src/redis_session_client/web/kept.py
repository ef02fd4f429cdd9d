"""Kept: one session of StorageBackend, as the text of a record and back.

A session stays under one key for its whole life. A ticket is the session's ID, which makes the key,
and a secret, of which the record has a hash. So a rotation is a new secret: one record changes, in
one step, and the record itself remembers the tickets that it had before.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..results import Info
from .storage import Stored
from .times import ended

RETIRED = 60_000
"""Milliseconds for which a ticket counts as retired, as in RedisBackend."""
_ID = 16
"""Characters of a ticket that are the session's ID: 96 random bits. The other 27 are the secret."""


def new_id() -> str:
    return secrets.token_urlsafe(12)


def new_ticket(key_id: str) -> str:
    """A ticket of this session: 43 characters, of which 27 are a secret of 160 random bits."""
    return key_id + secrets.token_urlsafe(20)


def id_of(ticket: str) -> str:
    return ticket[:_ID]


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


@dataclass(frozen=True)
class Former:
    """A ticket that was replaced by a rotation."""

    hash: str
    opens_until: int
    """Unix milliseconds until which it opens the session: the grace of the rotation."""
    retired_until: int
    """Unix milliseconds until which the backend remembers that it was replaced."""


@dataclass(frozen=True)
class Kept:
    """A session with its data, times and tickets, at one revision of its record."""

    text: str
    info: Info
    hash: str
    """The hash of the present ticket."""
    login: int
    """Unix nanoseconds of the creation or the last login: of two logins, which was first."""
    former: tuple[Former, ...] = ()
    over: bool = False
    """The session was ended. Its record is kept for a while, for `retired`."""
    revision: int = 0

    @classmethod
    def begin(cls, text: str, info: Info, ticket: str, login: int) -> Kept:
        return cls(text, info, _hash(ticket), login)

    @classmethod
    def read(cls, record: Stored) -> Kept:
        parts = json.loads(record.text)
        former = tuple(Former(*one) for one in parts["former"])
        info = Info(**parts["info"])
        return cls(
            text=parts["data"],
            info=info,
            hash=parts["hash"],
            login=parts["login"],
            former=former,
            over=parts["over"],
            revision=record.revision,
        )

    def record(self, user: str | None) -> Stored:
        """The record of the next revision."""
        parts: dict[str, Any] = {
            "data": self.text,
            "info": asdict(self.info),
            "hash": self.hash,
            "login": self.login,
            "former": [[one.hash, one.opens_until, one.retired_until] for one in self.former],
            "over": self.over,
        }
        ends = [self.info.deadline, self.info.idle and self.info.accessed + self.info.idle]
        expires = min((end for end in ends if end), default=None)
        text = json.dumps(parts, separators=(",", ":"))
        return Stored(text, self.revision + 1, None if self.over else user, expires)

    def live(self, now: int) -> bool:
        return not self.over and not ended(self.info, now)

    def is_ticket(self, ticket: str) -> bool:
        return secrets.compare_digest(self.hash, _hash(ticket))

    def opens(self, ticket: str, now: int) -> bool:
        """Whether the ticket is the present one, or the former one in its grace period."""
        former = (one for one in self.former if one.hash == _hash(ticket))
        return self.is_ticket(ticket) or any(now <= one.opens_until for one in former)

    def retired(self, ticket: str, now: int) -> bool:
        """Whether the ticket was replaced, or its session ended, a short while ago."""
        if self.over and (self.info.deadline or 0) < now:
            return False
        former = (one for one in self.former if one.hash == _hash(ticket))
        recent = any(now <= one.retired_until for one in former)
        return recent or (self.over and self.is_ticket(ticket))

    def rotated(self, ticket: str, grace: int | None, now: int) -> Kept:
        """The session with a new ticket. Earlier tickets open it no longer than the present one."""
        until = now - 1 if grace is None else now + grace
        former = [
            replace(one, opens_until=min(one.opens_until, until))
            for one in self.former
            if now <= one.retired_until
        ]
        former.append(Former(self.hash, until, now + RETIRED + (grace or 0)))
        return replace(self, hash=_hash(ticket), former=tuple(former))

    def finished(self, now: int) -> Kept:
        """What is left of the session when it is ended: no data and no user, for a short while."""
        info = replace(self.info, user=None, deadline=now + RETIRED, idle=None)
        return replace(self, text="null", info=info, over=True)
