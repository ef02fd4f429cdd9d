"""The Backend for what an application names as one: a URL, a client, or a Backend."""

from __future__ import annotations

from typing import Any, cast

from .._async.send import AsyncClient
from .backend import RedisBackend
from .protocol import Backend


def backend_of(
    backend: str | AsyncClient | Backend, prefix: str | None, imported: bool = False
) -> Backend:
    """The Backend for an application's setting: a URL, a client, or a Backend.

    `prefix` defaults to `session:`. With `imported` it takes cookies of imported sessions.
    TypeError with a Backend, which has its own prefix and decides itself which cookies it takes.
    """
    if isinstance(backend, type):
        raise TypeError(f"a backend is an object: write {backend.__name__}(...)")
    if isinstance(backend, str) or hasattr(backend, "execute_command"):
        client = cast("str | AsyncClient", backend)
        return RedisBackend(
            client, prefix="session:" if prefix is None else prefix, imported=imported
        )
    if prefix is not None:
        raise TypeError("a backend has its own prefix; give it that")
    if not hasattr(backend, "verify"):
        raise TypeError(
            "a backend is a URL, a client of redis.asyncio, RedisBackend(...) or MemoryBackend(), "
            f"not a {type(backend).__name__}"
        )
    if imported and isinstance(backend, RedisBackend) and not backend.ids.imported:
        raise TypeError(
            "old cookies need a backend that takes them: RedisBackend(..., imported=True)"
        )
    own: Any = backend  # Pyright does not see that it is no client
    given: Backend = own
    return given
