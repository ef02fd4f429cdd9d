"""Which errors mean that the server is away, so that the answer to a request is 503.

The request may succeed a little later without anybody changing anything: the server is down, slow,
loading its data, failing over, or full.
"""

from __future__ import annotations

from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TimeoutError,
    TryAgainError,
)

AWAY: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    BusyLoadingError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
    ReadOnlyError,
    OutOfMemoryError,
    RedisClusterException,
)
"""The exceptions of redis-py that answer a request with 503."""
RETRY_AFTER = 2
"""Seconds for the header Retry-After of such an answer."""
