"""The form of `eventually` for conditions that the running event loop has to make true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import redis

from .servers import LIMIT


async def until(what: str, ready: Callable[[], Awaitable[Any]]) -> Any:
    """Awaits `ready` until it is true, and returns that. An error of Redis counts as false."""
    end = time.monotonic() + LIMIT
    while True:
        try:
            found = await ready()
        except (redis.RedisError, OSError):
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {LIMIT} s in vain: {what}")
        await asyncio.sleep(0.01)
