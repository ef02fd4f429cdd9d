"""Checks for a Storage or a Backend of your own, to be called by its tests.

    @pytest.mark.parametrize("check", testing.STORAGE_CHECKS, ids=lambda check: check.__name__)
    async def test_storage(check):
        await check(MyStorage(...))

Each check is a function that takes the storage (or the backend), uses random keys and users, and
raises AssertionError with what is wrong. `check_storage` and `check_backend` call them all. They
need the extra `storage`.
"""

from .backends import BACKEND_CHECKS, BackendCheck, check_backend, has_ended
from .storages import STORAGE_CHECKS, StorageCheck, check_storage

__all__ = [
    "BACKEND_CHECKS",
    "STORAGE_CHECKS",
    "BackendCheck",
    "StorageCheck",
    "check_backend",
    "check_storage",
    "has_ended",
]
