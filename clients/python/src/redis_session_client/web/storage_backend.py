"""StorageBackend: the whole Backend on a Storage, for sessions in a place of your own.

It has the rules of the commands; stored_sessions.py has what they share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._json import dumps, loads
from .._options import Expiry
from ..errors import Conflict, NoSession, OtherUser, SessionError
from ..results import DetailedSession, Info
from .arguments import check_user
from .data import after_changes, popped
from .json_patch import pointed
from .kept import Kept, id_of, new_id, new_ticket
from .protocol import Device, Ticket
from .stored_sessions import StoredSessions
from .times import accessed, check_fresh, with_expiry

if TYPE_CHECKING:
    from typing_extensions import Unpack

_TTL = 6 * 3600 * 1000
"""Lifetime in milliseconds of a session without a given deadline, as in the server."""
_ACCESS = 1000
"""Milliseconds between two accesses that are recorded. Each is a write to the storage."""


class StorageBackend(StoredSessions):
    """Keeps sessions in a Storage, and checks no schema at all: a route's model does that.

    Keys are `<prefix>…`, and the storage gets users as `<prefix><user>`. A read records its time at
    most once a second. JSON Patches and pointers need the extra `storage`. `max_sessions` is exact
    if logins of one user do not run at the same time.
    """

    checks_schemas = False

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
        ticket = new_ticket(new_id())
        kept = Kept.begin(encoded.decode(), with_expiry(info, expiry, now), ticket, self._clock())
        if not await self.storage.add(self._key(ticket), kept.record(self._user(user))):
            raise SessionError("two sessions got the same ID; is the random generator broken?")
        await self._limit(kept, max_sessions, self._key(ticket))
        return ticket

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None:
        kept = await self._live(ticket)
        if kept is None:
            return None
        now = self._now()
        if fresh is not None:
            check_fresh(kept.info, fresh, now)
        info = kept.info if no_touch else accessed(kept.info, now)
        # A session with a short idle timeout needs its accesses recorded more often.
        every = min(_ACCESS, (info.idle or _ACCESS) // 8)
        if info != kept.info and abs(info.accessed - kept.info.accessed) >= every:
            # If this fails, another request has just recorded its access.
            await self._replace(self._key(ticket), replace(kept, info=info))
        else:
            info = kept.info
        return DetailedSession(kept.text, with_expiry(info, {}, now))

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        def change(kept: Kept) -> Kept:
            _check_version(kept, if_version)
            return self._with(kept, data, expiry, schema=schema or kept.info.schema)

        await self._change(ticket, change)

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        def change(kept: Kept) -> Kept:
            _check_version(kept, if_version)
            data = after_changes(kept.text, changes)
            return self._with(kept, data, expiry, schema=schema or kept.info.schema)

        return (await self._change(ticket, change)).info.version

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def change(kept: Kept) -> Kept:
            nonlocal found
            found, data = popped(kept.text, pointers)
            return self._with(kept, data, {})

        await self._change(ticket, change)
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
        new = new_ticket(id_of(ticket))

        def change(kept: Kept) -> Kept:
            if not kept.is_ticket(ticket):
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
            data = loads(kept.text) if patch is None else after_changes(kept.text, patch)
            changed = self._with(kept, data, expiry, **more).rotated(new, grace, now)
            return changed if user is None else replace(changed, login=self._clock())

        kept = await self._change(ticket, change)
        await self._limit(kept, max_sessions, self._key(new))
        return new

    async def end(self, ticket: Ticket) -> bool:
        try:
            await self._change(ticket, lambda kept: kept.finished(self._now()))
        except NoSession:
            return False
        return True

    async def retired(self, ticket: Ticket) -> bool:
        record = await self.storage.get(self._key(ticket)) if self.shaped(ticket) else None
        return record is not None and Kept.read(record).retired(ticket, self._now())

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]:
        own = current and self._key(current) if current and await self._live(current) else None
        return [
            Device(
                _handle(key),
                key == own,
                kept.info.issued,
                kept.info.accessed,
                pointed(loads(kept.text), pointers),
            )
            for key, kept in await self._of(user)
        ]

    async def end_device(self, user: str, handle: str) -> bool:
        ended = [await self._end(k, user) for k, _ in await self._of(user) if _handle(k) == handle]
        return any(ended)

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int:
        kept = self._key(keep) if keep is not None and await self._live(keep) else None
        return sum([await self._end(key, user) for key, _ in await self._of(user) if key != kept])

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        return []

    async def register_schemas(self, schemas: Mapping[str, str]) -> None:
        return None

    async def close(self) -> None:
        await self.storage.close()


def _handle(key: str) -> str:
    """A device's handle. The key is no secret, but it is nobody's business either."""
    return hashlib.sha256(b"device " + key.encode()).hexdigest()[:32]


def _check_version(kept: Kept, if_version: int | None) -> None:
    if if_version is not None and if_version != kept.info.version:
        raise Conflict(
            f"the version is {kept.info.version}, not {if_version}; read the session again"
        )


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
