"""A plugin of pytest: the fixtures of tests that other versions of the dependencies run.

Such a run is a process of its own, in a virtual environment that has only what the package needs.
conftest.py needs more. The server is that of the run that started it: SERVER_URL.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass

import pytest


@dataclass
class RunningServer:
    """What tests use of support.servers.Process."""

    url: str


@pytest.fixture(scope="session")
def server() -> RunningServer:
    return RunningServer(os.environ["SERVER_URL"])


@pytest.fixture
def prefix() -> str:
    return f"{uuid.uuid4().hex[:12]}:"
