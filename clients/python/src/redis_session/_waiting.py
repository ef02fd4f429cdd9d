"""What differs between the two forms of the client by more than `await`."""

from __future__ import annotations

import asyncio
import time
from typing import Any


async def pause_async(seconds: float) -> None:
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    time.sleep(seconds)


async def learn_nodes_async(client: Any) -> None:
    """The cluster client of redis.asyncio learns the nodes with its first command, or here."""
    await client.initialize()


def learn_nodes(client: Any) -> None:
    """The other one has learned them when it was made."""
