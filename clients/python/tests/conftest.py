"""Fixtures for all tests: servers with the module, clients, and applications that tests share.

Starting a server or an application takes longer than most tests. So all tests of a run share one
server, and the tests of a file share one application where they can. Each test has key names of its
own: `prefix` is unique to it, or cleared before it where the application is shared.
"""

from __future__ import annotations

import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import redis
import redis.asyncio
from support import shop
from support.flask_site import FlaskMaker, FlaskSite
from support.servers import Group, Process, start_cluster
from support.starlette_site import Maker, Site
from support.web import client, served

from redis_session_client import AsyncSessions, Sessions
from redis_session_client.fastapi import SessionManager


def pytest_configure() -> None:
    """Makes SIGTERM stop the servers first, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Makes a run with skipped tests fail; `-ra` names them. A missing part must not hide tests."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("Skipped tests count as failed.", red=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Process]:
    """The server of all tests that can share one."""
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


@pytest.fixture(scope="session")
def raw(server: Process) -> Iterator[redis.Redis]:
    """A plain client, to inspect the server without the package."""
    with server.client(decode_responses=True) as client:
        yield client


@pytest.fixture(scope="module")
def site_prefix() -> str:
    """The prefix of an application that the tests of a file share."""
    return new_prefix()


@pytest.fixture
def prefix(request: pytest.FixtureRequest, raw: redis.Redis) -> str:
    """Where this test's keys begin: unique, or for a shared application its prefix, cleared."""
    if "site_prefix" not in request.fixturenames:
        return new_prefix()
    shared: str = request.getfixturevalue("site_prefix")
    for key in raw.scan_iter(match=f"{shared}*", count=1000):
        raw.delete(key)
    return shared


def new_prefix() -> str:
    return f"{uuid.uuid4().hex[:12]}:"


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
    """The commands, over both protocols, with decoded replies and without."""
    with server.client(**request.param) as client:
        yield Sessions(client)


@pytest.fixture
async def asessions(server: Process) -> AsyncIterator[AsyncSessions]:
    client = server.async_client()
    yield AsyncSessions(client)
    await client.aclose()


# The FastAPI application of support/shop.py.


@pytest.fixture(scope="module")
def shared_shop(server: Process, site_prefix: str) -> Iterator[str]:
    manager = SessionManager(server.url, prefix=site_prefix, insecure=True)
    with served(shop.make(manager)) as url:
        yield url


@pytest.fixture
def site(shared_shop: str, prefix: str) -> str:
    """The URL of the shop, which has no sessions yet."""
    return shared_shop


@pytest.fixture
def browser(site: str | Site) -> Iterator[httpx.Client]:
    """A browser without cookies, at the site that the test's file has."""
    with client(site) if isinstance(site, str) else site.browser() as browser:
        yield browser


@pytest.fixture
def other(site: str) -> Iterator[httpx.Client]:
    """A second browser."""
    with client(site) as browser:
        yield browser


# The Starlette application of starlette_app.py.


@pytest.fixture
def make(server: Process, prefix: str, raw: redis.Redis) -> Iterator[Maker]:
    """Makes applications with the options that a test asks for."""
    with Maker(server, prefix, raw) as make:
        yield make


@pytest.fixture(scope="module")
def starlette_options() -> dict[str, Any]:
    """The middleware's options for the application that the tests of a file share."""
    return {}


@pytest.fixture(scope="module")
def shared_starlette(
    server: Process, site_prefix: str, raw: redis.Redis, starlette_options: dict[str, Any]
) -> Iterator[Site]:
    with Maker(server, site_prefix, raw) as make:
        yield make(**starlette_options)


# The Flask application of flask_routes.py.


@pytest.fixture
def make_flask(server: Process, prefix: str, raw: redis.Redis) -> Iterator[FlaskMaker]:
    """Makes applications with the settings that a test asks for."""
    with FlaskMaker(server, prefix, raw) as make:
        yield make


@pytest.fixture(scope="module")
def flask_options() -> dict[str, Any]:
    """The settings of the application that the tests of a file share."""
    return {}


@pytest.fixture(scope="module")
def shared_flask(
    server: Process, site_prefix: str, raw: redis.Redis, flask_options: dict[str, Any]
) -> Iterator[FlaskSite]:
    with FlaskMaker(server, site_prefix, raw) as make:
        yield make(**flask_options)
