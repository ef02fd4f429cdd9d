"""Functions that differ between the two clients by more than `await`.

tools/make_sync.py turns calls of the `_async` forms into calls of the others.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any


async def pause_async(seconds: float) -> None:
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    time.sleep(seconds)


async def learn_nodes_async(client: Any) -> None:
    """Makes the cluster client of redis.asyncio read the map of nodes, if it has not yet."""
    await client.initialize()


def learn_nodes(client: Any) -> None:
    """Nothing to do: the synchronous cluster client reads the map when it is created."""
