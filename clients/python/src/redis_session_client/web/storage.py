"""The protocol for a place of your own that keeps sessions, such as a SQL table or DynamoDB.

A Storage keeps records by key, and replaces a record only if nobody else has meanwhile. All else is
in StorageBackend, so that a Storage knows neither tickets nor times. docs/own-backend.md has one on
sqlite3; `redis_session_client.testing` has checks for yours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """One record: a session, or for a minute what is left of an ended one."""

    text: str = field(repr=False)
    """JSON text in ASCII that the storage keeps as it is: the session with its data and times."""
    revision: int
    """1 for a new record, and one more with each change."""
    user: str | None
    """Whose session it is, for `keys_of`; None for a session without a user."""
    expires: int | None
    """Unix milliseconds after which nobody asks for the record: the storage may then remove it by
    itself (a cron job, or the time-to-live of a database). None: never."""


class Storage(Protocol):
    """Keeps records by key. The methods are atomic, also between processes."""

    async def get(self, key: str) -> Stored | None:
        """The record as it was last written; None if there is none."""
        ...

    async def add(self, key: str, record: Stored) -> bool:
        """Stores a record, unless the key has one already: then False, and no change."""
        ...

    async def replace(self, key: str, record: Stored, revision: int) -> bool:
        """Replaces the record that has this revision. False, and no change, if none has."""
        ...

    async def remove(self, key: str, revision: int) -> bool:
        """Removes the record that has this revision. False, and no change, if none has."""
        ...

    async def keys_of(self, user: str) -> list[str]:
        """The keys of all records with this user, in any order."""
        ...

    async def close(self) -> None:
        """Closes connections that the storage opened itself."""
        ...


class DictStorage:
    """A Storage in this process."""

    def __init__(self) -> None:
        self._records: dict[str, Stored] = {}

    async def get(self, key: str) -> Stored | None:
        return self._records.get(key)

    async def add(self, key: str, record: Stored) -> bool:
        return self._records.setdefault(key, record) is record

    async def replace(self, key: str, record: Stored, revision: int) -> bool:
        present = self._records.get(key)
        if present is None or present.revision != revision:
            return False
        self._records[key] = record
        return True

    async def remove(self, key: str, revision: int) -> bool:
        present = self._records.get(key)
        if present is None or present.revision != revision:
            return False
        del self._records[key]
        return True

    async def keys_of(self, user: str) -> list[str]:
        return [key for key, record in self._records.items() if record.user == user]

    async def close(self) -> None:
        return None
