"""The SyncRedisBackend for what an application of a synchronous framework names as its server."""

from __future__ import annotations

import inspect

from .._sync.send import Client
from .sync_backend import SyncRedisBackend


def sync_backend_of(
    backend: str | Client | SyncRedisBackend,
    prefix: str | None = None,
    timeout: float | None = None,
    imported: bool = False,
) -> SyncRedisBackend:
    """The backend for a URL, a client of redis-py (also of a Sentinel or a cluster), or a backend.

    `prefix` defaults to `session:`. `timeout` (seconds) is for a URL. With `imported` it takes the
    cookies of imported sessions. TypeError for an asynchronous client, for a timeout beside a
    client, and for any of them beside a backend, which has its own.
    """
    if isinstance(backend, SyncRedisBackend):
        if prefix is not None or timeout is not None:
            raise TypeError("a backend has its own prefix and client; set prefix and timeout there")
        if imported and not backend.ids.imported:
            raise TypeError(
                "old cookies need a backend that takes them: SyncRedisBackend(..., imported=True)"
            )
        return backend
    execute = getattr(backend, "execute_command", None)
    if not isinstance(backend, str) and not callable(execute):
        raise TypeError(
            "the backend is a URL such as redis://localhost:6379/0, a client of redis-py or a "
            f"SyncRedisBackend, not a {type(backend).__name__}"
        )
    if inspect.iscoroutinefunction(execute) or type(backend).__module__.startswith("redis.asyncio"):
        raise TypeError("this framework is synchronous: give a client of redis, not redis.asyncio")
    prefix = "session:" if prefix is None else prefix
    return SyncRedisBackend(backend, prefix=prefix, timeout=timeout, imported=imported)
