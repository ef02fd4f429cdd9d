"""The tests of models pass with the oldest supported Pydantic, and on demand with all others.

Each version has a virtual environment of its own under target/, which pip makes once. The newest
version is that of the environment that runs these tests. PYDANTIC_VERSIONS=all tries the whole
list; a run takes about a minute for each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers import Process

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent
ENVIRONMENTS = PACKAGE.parents[1] / "target" / "pydantic"

# FastAPI is the newest that goes with the Pydantic.
OLDEST = ("2.6.0", "0.110.0")
OTHERS = [
    ("2.6.4", "0.110.3"),
    ("2.7.4", "0.115.0"),
    ("2.8.2", "0.115.14"),
    ("2.9.2", "0.135.0"),
    ("2.10.6", "0.150.0"),
    ("2.11.0", "0.160.0"),
    ("2.11.10", "0.160.0"),
    ("2.12.5", "0.160.0"),
    ("2.13.5", "0.160.0"),
]
VERSIONS = [OLDEST, *(OTHERS if os.environ.get("PYDANTIC_VERSIONS") == "all" else [])]
MODEL_TESTS = [
    "test_models_stored.py",
    "test_models_property.py",
    "test_models_whole.py",
    "test_models_refused.py",
]


def python_with(pydantic: str, fastapi: str) -> Path:
    """The Python of an environment with these versions, made if it is not there."""
    wanted = [
        f"pydantic[email]=={pydantic}",
        f"fastapi=={fastapi}",
        "redis[hiredis]",
        "pytest",
        "pytest-asyncio",
        "hypothesis",
    ]
    environment = ENVIRONMENTS / f"{pydantic}-{sys.version_info.major}.{sys.version_info.minor}"
    python, done = environment / "bin" / "python", environment / "made-of"
    if not done.is_file() or done.read_text() != repr(wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        done.write_text(repr(wanted))
    return python


@pytest.mark.parametrize(("pydantic", "fastapi"), VERSIONS)
def test_models_are_stored_with_this_pydantic(
    server: Process, pydantic: str, fastapi: str, tmp_path: Path
) -> None:
    path = os.pathsep.join([str(PACKAGE / "src"), str(TESTS)])
    run = subprocess.run(
        [
            *(python_with(pydantic, fastapi), "-m", "pytest", "-q", "--tb=short", "-x"),
            *("--noconftest", "-p", "support.alone", "-o", f"cache_dir={tmp_path}"),
            # Old versions warn of what newer ones changed.
            *("-o", "addopts=", "-o", "filterwarnings=default"),
            *MODEL_TESTS,
        ],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": path, "SERVER_URL": server.url, "MODEL_EXAMPLES": "25"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-5000:]
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout
