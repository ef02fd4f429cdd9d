"""Reads the imports of the package and compares them with its layers, without running any code.

Each Python file is a node and each import an edge, wherever it is: at the top, in a function,
under TYPE_CHECKING, or as import_module("..."). A hidden import couples two files just as an open
one does. tests/test_layers.py runs this on the package.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LAYERS = [
    ["__main__"],
    ["deploy"],
    ["fastapi", "starlette", "django", "flask", "authx", "testing", "opentelemetry"],
    ["web"],
    ["__init__"],
    ["_async", "_sync", "glide"],
    ["_pipelined"],
    ["_calls", "_cluster", "_waiting"],
    ["results"],
    ["errors", "ids", "_options", "_json"],
]
"""Files and folders of the package, from the top layer down. An import runs to a lower layer, or
stays within a folder."""

_parsed = cache(ast.parse)

Edges = dict[str, list[tuple[str, int]]]
"""The imports of each file: the imported file, and the line of the import."""


def violations(package: Path) -> list[str]:
    """All imports that break a rule, each as one line that names both files and the rule."""
    edges = imports(package)
    found = [
        f"{path}: in no layer; add {_unit(path)} to LAYERS" for path in edges if _level(path) < 0
    ]
    for path, targets in edges.items():
        for target, line in targets:
            if rule := _broken_rule(path, target):
                found.append(f"{path}:{line} imports {target}: {rule}")
    return found + [
        f"{' -> '.join(circle)}: files import each other in a circle" for circle in _circles(edges)
    ]


def imports(package: Path) -> Edges:
    """The imports within the package, by path relative to its folder."""
    files = {_module(path.relative_to(package.parent)): path for path in package.rglob("*.py")}
    names = {name: path.relative_to(package).as_posix() for name, path in files.items()}
    edges: Edges = {}
    for name, path in sorted(files.items()):
        parent = name if path.stem == "__init__" else name.rpartition(".")[0]
        targets: Edges = {names[name]: []}
        for node in ast.walk(_parsed(path.read_text())):
            for imported in _imported_by(node, parent, names):
                targets[names[name]].append((names[imported], node.lineno))  # type: ignore[attr-defined]
        edges |= targets
    return edges


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported_by(node: ast.AST, parent: str, names: dict[str, str]) -> Iterator[str]:
    """The modules of the package that an import in the package `parent` names."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute("." * node.level + (node.module or ""), parent)
        for alias in node.names:
            # `from a import b` imports the module a.b, or else a name of the module a.
            for module in (f"{base}.{alias.name}", base):
                if module in names:
                    yield module
                    break
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
        called = called.id if isinstance(called, ast.Name) else called
        first = node.args[0]
        if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
            module = _absolute(str(first.value), parent)
            if module in names:
                yield module


def _absolute(name: str, parent: str) -> str:
    """The full name of a module that is imported as `name`, with dots in front if relative."""
    dots = len(name) - len(name.lstrip("."))
    if dots == 0:
        return name
    base = parent.split(".")
    return ".".join([*base[: len(base) - dots + 1], *filter(None, [name[dots:]])])


def _unit(path: str) -> str:
    """The folder, or the file directly in the package, that has a place in LAYERS."""
    return path.partition("/")[0].removesuffix(".py")


def _level(path: str) -> int:
    """The layer's number, from 0 at the bottom; -1 for none."""
    unit = _unit(path)
    return next((n for n, layer in enumerate(reversed(LAYERS)) if unit in layer), -1)


def _broken_rule(path: str, target: str) -> str | None:
    if target.endswith("__init__.py"):
        return "import the file that defines the name, not an __init__ that re-exports it"
    if _unit(path) == _unit(target):
        return None
    if _level(target) > _level(path):
        return "an import may not run upwards to a higher layer"
    if _level(target) == _level(path):
        return "parts of one layer may not import each other"
    return None


def _circles(edges: Edges) -> Iterator[list[str]]:
    """One circle for each group of files that import each other, as a path back to its start."""
    seen: set[str] = set()
    for start in edges:
        if start in seen:
            continue
        if circle := _way_back(start, edges):
            seen.update(circle)
            yield circle


def _way_back(start: str, edges: Edges) -> list[str] | None:
    """A shortest path from a file to itself."""
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for target, _ in edges[here]:
            if target == start:
                path = [start, here]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if target not in came_from:
                came_from[target] = here
                queue.append(target)
    return None
