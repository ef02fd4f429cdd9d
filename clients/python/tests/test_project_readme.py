"""The Python programs of the project's README run exactly as printed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from support.programs import programs
from support.servers import REPOSITORY, Group, Process
from test_readme import README

PROJECT = (REPOSITORY / "README.md").read_text()


@pytest.fixture
def own() -> Iterator[Process]:
    with Group() as group:
        yield group.start()


def test_its_program_for_redis_py_prints_what_it_says(own: Process) -> None:
    program = next(p for p in programs(PROJECT) if "import redis\n" in p)
    lines = program.splitlines()
    # A comment below a print shows its output; the last is that of the exception handler.
    said = [
        after.removeprefix("# ")
        for line, after in pairwise(lines)
        if line.lstrip().startswith("print(") and after.startswith("# ")
    ]
    assert len(said) == 3
    program = program.replace("port=6379", f"port={own.port}")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == said


def test_its_program_for_fastapi_is_a_beginning_of_the_package_s_own() -> None:
    program = next(p for p in programs(PROJECT) if "FastAPI" in p)
    assert programs(README)[0].startswith(program)
