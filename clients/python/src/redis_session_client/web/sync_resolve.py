"""The SyncRedisBackend for what an application of a synchronous framework names as its server.

A client that is made here from a URL gives up after `timeout`. A request that waits for a server
that is away keeps a thread busy, so redis-py's own retries, which wait for seconds, are left out.
"""

from __future__ import annotations

import inspect
from typing import Any

from .._sync.send import Client
from .sync_backend import SyncRedisBackend

TIMEOUT = 2.0
"""Seconds, for connecting and for each reply."""


def sync_backend_of(
    backend: str | Client | SyncRedisBackend,
    prefix: str | None = None,
    timeout: float | None = None,
) -> SyncRedisBackend:
    """The backend for a URL, a client of redis-py (also of a Sentinel or a cluster), or a backend.

    `prefix` defaults to `session:`, and `timeout` (seconds) to 2. TypeError for an asynchronous
    client, for a prefix beside a backend, which has its own, and for a timeout beside anything
    except a URL. A timeout in the URL (`?socket_timeout=1`) wins.
    """
    if isinstance(backend, SyncRedisBackend):
        if prefix is not None or timeout is not None:
            raise TypeError("a backend has its own prefix and client; set prefix and timeout there")
        return backend
    prefix = "session:" if prefix is None else prefix
    if isinstance(backend, str):
        return SyncRedisBackend(_client(backend, timeout), prefix=prefix)
    if timeout is not None:
        raise TypeError("a client has its own timeouts: give it socket_timeout, or give a URL")
    execute = getattr(backend, "execute_command", None)
    if not callable(execute):
        raise TypeError(
            "the backend is a URL such as redis://localhost:6379/0, a client of redis-py or a "
            f"SyncRedisBackend, not a {type(backend).__name__}"
        )
    if inspect.iscoroutinefunction(execute) or type(backend).__module__.startswith("redis.asyncio"):
        raise TypeError("this framework is synchronous: give a client of redis, not redis.asyncio")
    return SyncRedisBackend(backend, prefix=prefix)


def _client(url: str, timeout: float | None) -> Any:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError
    from redis.retry import Retry

    seconds = TIMEOUT if timeout is None else timeout
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"timeout is a number of seconds, not a {type(seconds).__name__}")
    if not 0 < seconds < 1e6:
        raise ValueError("timeout is a number of seconds above 0")
    # Once more, at once, on a connection that the server has closed meanwhile.
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=again)
