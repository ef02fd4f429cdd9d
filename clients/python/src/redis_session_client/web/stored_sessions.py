"""The sessions of a Storage: how one is found, changed and ended, for StorageBackend.

Every change reads the session's record, computes the next one, and stores it if the record is still
the same; otherwise it begins again. So concurrent changes all take effect, and none brings an ended
session back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .._json import dumps
from .._options import Expiry
from ..errors import Conflict, NoSession
from ..ids import Ids
from .kept import Kept, id_of
from .protocol import Ticket
from .storage import Storage
from .times import accessed, order, with_expiry

_TRIES = 1000
"""Attempts at a change. One fails only if another change of the session has succeeded."""


class StoredSessions:
    """The base of StorageBackend."""

    def __init__(self, storage: Storage, *, prefix: str = "session:") -> None:
        self.storage = storage
        self.schemas: dict[str, str] = {}
        self.prefix = prefix
        self._shape = Ids(prefix)

    def _clock(self) -> int:
        """The present time in Unix nanoseconds."""
        return time.time_ns()

    def _now(self) -> int:
        """The present time in Unix milliseconds."""
        return self._clock() // 1_000_000

    def shaped(self, ticket: str) -> bool:
        return self._shape.shaped(ticket)

    def _key(self, ticket: Ticket) -> str:
        return self.prefix + id_of(ticket)

    def _user(self, user: str | None) -> str | None:
        return None if user is None else self.prefix + user

    async def _at(self, key: str) -> Kept | None:
        """The live session at a key."""
        record = await self.storage.get(key)
        kept = None if record is None else Kept.read(record)
        if kept is None or kept.live(self._now()):
            return kept
        if not kept.over or (kept.info.deadline or 0) < self._now():
            await self.storage.remove(key, kept.revision)
        return None

    async def _live(self, ticket: Ticket) -> Kept | None:
        kept = await self._at(self._key(ticket)) if self.shaped(ticket) else None
        return kept if kept is not None and kept.opens(ticket, self._now()) else None

    async def _replace(self, key: str, kept: Kept) -> bool:
        return await self.storage.replace(
            key, kept.record(self._user(kept.info.user)), kept.revision
        )

    async def _change(self, ticket: Ticket, change: Callable[[Kept], Kept]) -> Kept:
        """Applies a change to the live session. What `change` raises leaves it as it was."""
        for _ in range(_TRIES):
            kept = await self._live(ticket)
            if kept is None:
                raise NoSession("there is no live session of this ticket")
            changed = change(kept)
            if await self._replace(self._key(ticket), changed):
                return changed
        raise Conflict("others changed the session at the same time, again and again")

    def _with(self, kept: Kept, data: Any, expiry: Expiry, **more: Any) -> Kept:
        """The session with other data and times."""
        now, encoded = self._now(), dumps(data)
        text = encoded.decode()
        version = kept.info.version + (text != kept.text)
        info = replace(accessed(kept.info, now), version=version, bytes=len(encoded), **more)
        return replace(kept, text=text, info=with_expiry(info, expiry, now))

    async def _limit(self, own: Kept, max_sessions: int | None, key: str) -> None:
        """Ends the user's least recently used sessions, but none that began after this login."""
        user = own.info.user
        if user is None or max_sessions is None:
            return
        others = [entry for entry in await self._of(user) if entry[0] != key]
        for other, kept in others[max_sessions - 1 :]:
            if kept.login <= own.login or kept.login > self._clock():
                await self._end(other, user)

    async def _of(self, user: str) -> list[tuple[str, Kept]]:
        """The user's live sessions by key, most recently accessed first."""
        found = [
            (key, await self._at(key)) for key in await self.storage.keys_of(self.prefix + user)
        ]
        live = [(key, kept) for key, kept in found if kept is not None and kept.info.user == user]
        now = self._now()
        return sorted(live, key=lambda entry: order(entry[1].info, now))

    async def _end(self, key: str, user: str) -> bool:
        """Ends the session at a key, if it is still this user's."""
        for _ in range(_TRIES):
            kept = await self._at(key)
            if kept is None or kept.info.user != user:
                return False
            if await self._replace(key, kept.finished(self._now())):
                return True
        raise Conflict("others changed the session at the same time, again and again")
