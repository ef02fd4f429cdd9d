"""MemoryBackend: sessions in this process, for unit tests of an application."""

from __future__ import annotations

from .storage import DictStorage
from .storage_backend import StorageBackend


class MemoryBackend(StorageBackend):
    """Keeps, expires and rotates sessions in this process, and checks no schema at all.

    Use it for unit tests of your own code, not in production: processes do not share it, and it
    accepts data that the module would refuse by a schema or its size. `advance` moves its clock.
    Deep pointers and JSON Patches need the extra `testing`.
    """

    def __init__(self) -> None:
        super().__init__(DictStorage())
        self._ahead = 0

    def advance(self, seconds: float) -> None:
        """Moves the clock forward, or with a negative number back."""
        self._ahead += int(seconds * 1_000_000_000)

    def _clock(self) -> int:
        return super()._clock() + self._ahead
