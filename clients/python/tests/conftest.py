from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from support.servers import Group, Process, start_cluster

from redis_session import AsyncSessions, Sessions


@pytest.fixture(scope="session")
def server() -> Iterator[Process]:
    """One server for all tests that can share one; each has a prefix of its own."""
    with Group() as group:
        yield group.start()


@pytest.fixture(scope="session")
def cluster_group() -> Iterator[Group]:
    with Group() as group:
        start_cluster(group)
        yield group


@pytest.fixture(scope="session")
def cluster(cluster_group: Group) -> list[Process]:
    """The three primaries."""
    return cluster_group.members[:3]


@pytest.fixture(scope="session")
def cluster_replica(cluster_group: Group) -> Process:
    """The replica of the first primary."""
    return cluster_group.members[3]


@pytest.fixture
def prefix() -> str:
    return f"{uuid.uuid4().hex[:12]}:"


@pytest.fixture
def raw(server: Process) -> Iterator[redis.Redis]:
    """A plain client, to look at the server past the package."""
    with server.client(decode_responses=True) as client:
        yield client


@pytest.fixture(
    params=[
        {"protocol": 2},
        {"protocol": 2, "decode_responses": True},
        {"protocol": 3},
        {"protocol": 3, "decode_responses": True},
    ],
    ids=["resp2", "resp2-decoded", "resp3", "resp3-decoded"],
)
def sessions(server: Process, request: pytest.FixtureRequest) -> Iterator[Sessions]:
    """The commands, with each protocol and each way of replies."""
    with server.client(**request.param) as client:
        yield Sessions(client)


@pytest.fixture
async def asessions(server: Process) -> AsyncIterator[AsyncSessions]:
    client: Any = redis.asyncio.Redis(port=server.port)
    yield AsyncSessions(client)
    await client.aclose()
