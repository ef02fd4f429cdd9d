"""No import of the package runs upwards, through an __init__, or in a circle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.layers import imports, violations

PACKAGE = Path(__file__).parents[1] / "src" / "redis_session_client"


def test_no_import_breaks_a_rule() -> None:
    assert violations(PACKAGE) == []


def test_all_imports_of_all_files_are_read() -> None:
    edges = imports(PACKAGE)
    assert set(edges) == {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py")}
    seen = {(path, target) for path, targets in edges.items() for target, _ in targets}
    assert ("fastapi/manager.py", "fastapi/openapi.py") in seen  # from . import openapi
    assert ("_async/send.py", "_cluster.py") in seen  # from .. import _cluster
    assert ("deploy.py", "fastapi/manager.py") in seen  # in a function, and under TYPE_CHECKING
    assert ("__main__.py", "deploy.py") in seen


UPWARDS = "an import may not run upwards to a higher layer"
ONE_LAYER = "parts of one layer may not import each other"
THROUGH_INIT = "import the file that defines the name, not an __init__ that re-exports it"
CIRCLE = "files import each other in a circle"

IN_A_FUNCTION = "def hidden():\n    {}\n"
FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {}\n"
FORMS = [pytest.param("{}\n", id="open"), IN_A_FUNCTION, FOR_TYPES]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, into which each test plants one import."""
    folder = tmp_path_factory.mktemp("planted") / PACKAGE.name
    return shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))


@contextmanager
def planted(path: Path, text: str) -> Iterator[int]:
    """Appends a text to a file meanwhile, and gives the number of its last line."""
    before = path.read_text()
    path.write_text(before + text)
    yield len((before + text).splitlines())
    path.write_text(before)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("path", "text", "target", "rule"),
    [
        ("web/cookies.py", "from ..fastapi.guard import Guard", "fastapi/guard.py", UPWARDS),
        ("errors.py", "from . import results", "results.py", UPWARDS),
        ("_cluster.py", "import redis_session_client.web.login", "web/login.py", UPWARDS),
        ("ids.py", "from redis_session_client.authx import config", "authx.py", UPWARDS),
        ("results.py", "__import__('redis_session_client.deploy')", "deploy.py", UPWARDS),
        ("web/login.py", "importlib.import_module('..deploy', __package__)", "deploy.py", UPWARDS),
        ("starlette/visit.py", "from ..fastapi.visit import Visit", "fastapi/visit.py", ONE_LAYER),
        ("authx.py", "from .fastapi.store import SessionStore", "fastapi/store.py", ONE_LAYER),
        ("fastapi/guard.py", "from ..web import Backend", "web/__init__.py", THROUGH_INIT),
        ("deploy.py", "import redis_session_client", "__init__.py", THROUGH_INIT),
    ],
)
def test_a_planted_import_is_found(
    original: Path, form: str, path: str, text: str, target: str, rule: str
) -> None:
    with planted(original / path, form.format(text)) as line:
        found = [found for found in violations(original) if CIRCLE not in found]
    assert found == [f"{path}:{line} imports {target}: {rule}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("path", "text", "circle"),
    [
        ("web/cookies.py", "from . import frontends", "web/cookies.py -> web/frontends.py"),
        ("ids.py", "from ._cluster import tagged", "_cluster.py -> ids.py"),
        ("ids.py", "from .ids import Ids", "ids.py"),
        (
            "fastapi/visit.py",
            "from .manager import SessionManager",
            "fastapi/guard.py -> fastapi/visit.py -> fastapi/manager.py",
        ),
    ],
)
def test_a_planted_circle_is_found(
    original: Path, form: str, path: str, text: str, circle: str
) -> None:
    with planted(original / path, form.format(text)):
        (found,) = [found for found in violations(original) if CIRCLE in found]
    assert found == f"{circle} -> {circle.partition(' ')[0]}: {CIRCLE}"


def test_a_file_without_a_layer_is_found(original: Path) -> None:
    new = original / "new.py"
    new.write_text("")
    found = violations(original)
    new.unlink()
    assert found == ["new.py: in no layer; add new to LAYERS"]
