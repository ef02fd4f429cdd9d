"""MemoryBackend: sessions in this process, for unit tests of an application.

It does what RedisBackend does, but checks no schemas and no limits of size.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .._json import Raw, dumps, loads
from .._options import Expiry
from ..errors import Conflict, NoSession, OtherUser, SessionError
from ..results import DetailedSession, Info
from .arguments import check_user
from .json_patch import patched, pointed, without
from .login import merge_patch
from .protocol import Device, Ticket
from .times import accessed, check_fresh, ended, order, with_expiry

if TYPE_CHECKING:
    from typing_extensions import Unpack

_TTL = 6 * 3600 * 1000
"""Lifetime in milliseconds of a session without a given deadline, as in the server."""

_RETIRED = 60_000
"""Milliseconds for which a ticket counts as retired, as in RedisBackend."""


@dataclass
class _Kept:
    """One session; MemoryBackend changes it in place."""

    text: str
    info: Info
    handle: str


class MemoryBackend:
    """Keeps, expires and rotates sessions in this process, and checks no schema at all.

    Use it for unit tests of your own code, not in production: processes do not share it, and it
    accepts data that the module would refuse by a schema or its size. `advance` moves its clock.
    Pointers and JSON Patches need the extra `testing`.
    """

    checks_schemas = False

    def __init__(self) -> None:
        self.schemas: dict[str, str] = {}
        self._retired: dict[Ticket, int] = {}
        self._kept: dict[Ticket, _Kept] = {}
        self._aliases: dict[Ticket, tuple[Ticket, int]] = {}
        self._ahead = 0

    def advance(self, seconds: float) -> None:
        """Moves the clock forward, or with a negative number back."""
        self._ahead += int(seconds * 1000)

    def _now(self) -> int:
        return int(time.time() * 1000) + self._ahead

    def shaped(self, ticket: str) -> bool:
        return len(ticket) == 43

    def _present(self, ticket: Ticket) -> Ticket | None:
        """The ticket itself, or the ticket that replaced it, during the grace period."""
        while ticket in self._aliases:
            ticket, until = self._aliases[ticket]
            if until < self._now():
                return None
        return ticket

    def _live(self, ticket: Ticket) -> _Kept | None:
        to = self._present(ticket)
        kept = None if to is None else self._kept.get(to)
        if to is None or kept is None:
            return None
        if ended(kept.info, self._now()):
            del self._kept[to]
            return None
        return kept

    def _writable(self, ticket: Ticket, if_version: int | None = None) -> _Kept:
        kept = self._live(ticket)
        if kept is None:
            raise NoSession("there is no live session of this ticket")
        if if_version is not None and if_version != kept.info.version:
            raise Conflict(
                f"the version is {kept.info.version}, not {if_version}; read the session again"
            )
        return kept

    def _changed(self, kept: _Kept, data: Any, expiry: Expiry, **more: Any) -> int:
        now, encoded = self._now(), dumps(data)
        text = encoded.decode()
        version = kept.info.version + (text != kept.text)
        info = replace(accessed(kept.info, now), version=version, bytes=len(encoded), **more)
        # What can fail comes before the first change.
        kept.info, kept.text = with_expiry(info, expiry, now), text
        return version

    async def create(
        self,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        _check_owner(user, max_sessions)
        now, encoded = self._now(), dumps(data)
        info = Info(
            version=1,
            created=now,
            issued=now,
            accessed=now,
            authenticated=None if user is None else now,
            deadline=now + _TTL,
            idle=None,
            schema=schema,
            user=user,
            bytes=len(encoded),
            ttl=None,
        )
        ticket = secrets.token_urlsafe(32)
        info = with_expiry(info, expiry, now)
        self._kept[ticket] = _Kept(encoded.decode(), info, secrets.token_hex(16))
        self._limit(user, max_sessions, ticket)
        return ticket

    def _limit(self, user: str | None, max_sessions: int | None, keep: Ticket) -> None:
        if user is None or max_sessions is None:
            return
        others = [t for t in self._of(user) if t != keep]
        for ticket in others[max_sessions - 1 :]:
            del self._kept[ticket]

    def _of(self, user: str) -> list[Ticket]:
        tickets = [t for t in list(self._kept) if (k := self._live(t)) and k.info.user == user]
        now = self._now()
        return sorted(tickets, key=lambda t: order(self._kept[t].info, now))

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None:
        kept = self._live(ticket)
        if kept is None:
            return None
        now = self._now()
        if fresh is not None:
            check_fresh(kept.info, fresh, now)
        if not no_touch:
            kept.info = accessed(kept.info, now)
        return DetailedSession(kept.text, with_expiry(kept.info, {}, now))

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        kept = self._writable(ticket, if_version)
        self._changed(kept, data, expiry, schema=schema or kept.info.schema)

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        kept = self._writable(ticket, if_version)
        return self._changed(kept, _after_changes(kept.text, changes), expiry)

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]:
        kept = self._writable(ticket)
        data = loads(kept.text)
        found = pointed(data, pointers)
        # Remove from the back, because a removal shifts the items of a list behind it.
        for pointer in sorted(found, key=_place, reverse=True):
            data = without(data, pointer)
        self._changed(kept, data, {})
        return found

    async def rotate(
        self,
        ticket: Ticket,
        *,
        grace: int | None = None,
        patch: Any = None,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        if grace is not None and user is not None:
            raise SessionError(
                "syntax error: GRACE does not go with USER: at a login the old ID must end at once"
            )
        _check_owner(user, max_sessions)
        kept = self._writable(ticket)
        if ticket in self._aliases:
            raise NoSession("this ticket has been replaced")
        if user is not None and kept.info.user not in (None, user):
            raise OtherUser(
                "the session has another user; end it, and make a new one, "
                "so that nobody inherits data"
            )
        now = self._now()
        more: dict[str, Any] = {"issued": now, "schema": schema or kept.info.schema}
        if user is not None:
            more |= {"user": user, "authenticated": now}
        data = loads(kept.text) if patch is None else _after_changes(kept.text, patch)
        self._changed(kept, data, expiry, **more)
        new = secrets.token_urlsafe(32)
        self._kept[new] = self._kept.pop(ticket)
        self._retire(ticket, grace or 0)
        if grace is not None:
            self._aliases[ticket] = (new, now + grace)
        self._limit(user, max_sessions, new)
        return new

    async def end(self, ticket: Ticket) -> bool:
        self._retire(ticket, 0)
        present = self._present(ticket)
        if present is None or self._live(present) is None:
            return False
        del self._kept[present]
        return True

    def _retire(self, ticket: Ticket, grace: int) -> None:
        now = self._now()
        self._retired = {t: until for t, until in self._retired.items() if until >= now}
        self._retired.setdefault(ticket, now + _RETIRED + grace)

    async def retired(self, ticket: Ticket) -> bool:
        return self._retired.get(ticket, 0) >= self._now()

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]:
        found = []
        present = None if current is None else self._present(current)
        for ticket in self._of(user):
            kept = self._kept[ticket]
            values, info = pointed(loads(kept.text), pointers), kept.info
            found.append(Device(kept.handle, ticket == present, info.issued, info.accessed, values))
        return found

    async def end_device(self, user: str, handle: str) -> bool:
        ended = [t for t in self._of(user) if self._kept[t].handle == handle]
        for ticket in ended:
            del self._kept[ticket]
        return bool(ended)

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int:
        present = None if keep is None else self._present(keep)
        ended = [t for t in self._of(user) if t != present]
        for ticket in ended:
            del self._kept[ticket]
        return len(ended)

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        return []

    async def register_schemas(self, schemas: Mapping[str, str]) -> None:
        return None

    async def close(self) -> None:
        return None


def _check_owner(user: str | None, max_sessions: int | None) -> None:
    if user is not None:
        check_user(user)
    if max_sessions is None:
        return
    if user is None:
        raise SessionError(
            "syntax error: MAXSESSIONS needs USER: it counts the sessions of one user"
        )
    if max_sessions < 1:
        raise SessionError("MAXSESSIONS must be 1 or more")


def _place(pointer: str) -> list[tuple[int, str]]:
    """A sort key that puts indices in numerical order, and a value before its members."""
    return [(len(token), token) for token in pointer.split("/")]


def _after_changes(text: str, changes: Any) -> Any:
    """The data after a JSON Patch (list) or a JSON Merge Patch."""
    if isinstance(changes, Raw):
        changes = loads(dumps(changes).decode())
    if isinstance(changes, list):
        return patched(loads(text), changes)
    return merge_patch(loads(text), changes)
