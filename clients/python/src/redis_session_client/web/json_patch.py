"""JSON Pointers and JSON Patches in Python, for StorageBackend and MemoryBackend.

It uses jsonpatch and jsonpointer, which the extras `storage` and `testing` install. They are
imported at the first use. The patches that are made of models, and pointers to members at the root,
need neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from ..errors import Conflict, SessionError

_NOTHING = object()


def _library(name: str) -> Any:
    """The module of this name. ImportError says how to install it."""
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(
            "deep pointers and JSON Patches need jsonpatch in this backend: "
            "pip install 'redis-session-client[storage]'"
        ) from None


def pointed(data: Any, pointers: Iterable[str]) -> dict[str, Any]:
    """The values that are found at these pointers, by pointer."""
    found = {pointer: _at(data, pointer) for pointer in pointers}
    return {pointer: value for pointer, value in found.items() if value is not _NOTHING}


def _at(data: Any, pointer: str) -> Any:
    if isinstance(data, dict) and (name := _member(pointer)) is not None:
        return data.get(name, _NOTHING)
    return _library("jsonpointer").resolve_pointer(data, pointer, _NOTHING)


def _member(pointer: Any) -> str | None:
    """The name of a member at the root; None for any other pointer."""
    if not isinstance(pointer, str) or pointer.rfind("/") != 0:
        return None
    return pointer[1:].replace("~1", "/").replace("~0", "~")


def without(data: Any, pointer: str) -> Any:
    """The data without the value at the pointer; unchanged if there is none."""
    result = _simple(data, {"op": "remove", "path": pointer})
    if result is not _NOTHING:
        return result
    library = _library("jsonpatch")
    try:
        return library.JsonPatch([{"op": "remove", "path": pointer}]).apply(data)
    except library.JsonPatchConflict:
        return data


def patched(data: Any, operations: list[Any]) -> Any:
    """Applies a JSON Patch (RFC 6902). Conflict names the first operation that does not apply.

    SessionError for what is no JSON Patch.
    """
    for number, operation in enumerate(operations):
        result = _simple(data, operation)
        data = _applied(data, number, operation) if result is _NOTHING else result
    return data


def _simple(data: Any, operation: Any) -> Any:
    """The result of writing or removing the whole data or a member of it; else _NOTHING."""
    if not isinstance(operation, dict):
        return _NOTHING
    kind, path = operation.get("op"), operation.get("path")
    writes = kind in ("add", "replace") and "value" in operation
    if path == "" and writes:
        return operation["value"]
    name = _member(path)
    if not isinstance(data, dict) or name is None:
        return _NOTHING
    if writes and (kind == "add" or name in data):
        return {**data, name: operation["value"]}
    if kind == "remove" and name in data:
        return {other: value for other, value in data.items() if other != name}
    return _NOTHING


def _applied(data: Any, number: int, operation: Any) -> Any:
    if not _has_pointers(operation):
        raise _no_patch(number, "'path' and 'from' must be JSON pointers")
    library = _library("jsonpatch")
    try:
        return library.JsonPatch([operation]).apply(data)
    except (
        library.JsonPatchConflict,
        library.JsonPatchTestFailed,
        library.JsonPointerException,
    ) as error:
        raise Conflict(f"operation {number}: {error}") from None
    except library.InvalidJsonPatch as error:
        raise _no_patch(number, error) from None


def _has_pointers(operation: Any) -> bool:
    """Whether each location begins as a JSON pointer does; jsonpatch reports all other faults."""
    if not isinstance(operation, dict):
        return True
    places = [operation[name] for name in ("path", "from") if name in operation]
    return all(isinstance(p, str) and (p == "" or p.startswith("/")) for p in places)


def _no_patch(number: int, why: object) -> SessionError:
    return SessionError(f"the patch is no JSON Patch (RFC 6902): operation {number}: {why}")
