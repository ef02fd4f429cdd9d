"""The Django engine with other versions of Django: its tests run again, in a process for each.

DJANGOS names what to try, separated by spaces: a version, or `version@python` for a version that
needs another Python: `DJANGOS="4.2 6.1@python3.12"`. By default that is 4.2, the oldest, with this
Python, and the shorter tests. Each version is installed under target/ once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers import REPOSITORY, module

FOLDER = REPOSITORY / "clients" / "python"
NAMED = os.environ.get("DJANGOS", "").split()
DJANGOS = NAMED or ["4.2"]
SHORT = ("test_django_store.py", "test_django_login.py", "test_django_expiry.py")
"""What runs if DJANGOS names nothing."""
SLOW = {"test_django_browser.py", "test_django_versions.py"}
ASYNC = "test_django_async.py"
"""Sessions have asynchronous methods from Django 5.1 on."""


def run(*command: str | Path, **environment: str) -> str:
    """What the command prints. It must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=FOLDER,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def beside(version: str) -> Path:
    """A folder with only this Django, which stands before that of the present environment."""
    folder = REPOSITORY / "target" / f"django-{version}"
    if not (folder / "complete").exists():
        wanted = f"django~={version}.0"
        run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, wanted)
        (folder / "complete").touch()
    return folder


def environment(version: str, python: str) -> Path:
    """The Python of an environment with this Django, and all that the tests import."""
    folder = REPOSITORY / "target" / f"django-{version}-{Path(python).name}"
    inside = folder / "bin" / "python"
    if not (folder / "complete").exists():
        run(python, "-m", "venv", folder)
        pinned = (FOLDER / "requirements-dev.txt").read_text()
        others = folder / "constraints.txt"
        others.write_text(re.sub(r"^(django|django-stubs\S*)==.*\n", "", pinned, flags=re.M))
        packages: list[str | Path] = ["-c", others, "--editable", ".[dev]", f"django~={version}.0"]
        run(inside, "-m", "pip", "install", "-q", *packages)
        (folder / "complete").touch()
    return inside


@pytest.mark.parametrize("name", DJANGOS)
def test_the_engine_works_with_another_version_of_django(name: str) -> None:
    version, _, python = name.partition("@")
    variables = {"REDIS_SESSION_MODULE": module(), "DJANGOS": ""}
    if python:
        interpreter = environment(version, python)
    else:
        interpreter = Path(sys.executable)
        variables["PYTHONPATH"] = str(beside(version))
    told = run(interpreter, "-m", "django", "--version", **variables)
    assert told.startswith(f"{version}.")
    left_out = SLOW | ({ASYNC} if float(version) < 5.1 else set())
    files = sorted((FOLDER / "tests").glob("test_django_*.py"))
    chosen = [p for p in files if p.name not in left_out and (NAMED or p.name in SHORT)]
    printed = run(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, **variables)
    assert re.search(r"^\d+ passed", printed, re.MULTILINE), printed
