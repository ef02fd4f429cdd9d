"""JSON Pointers and JSON Patches in Python, for MemoryBackend only.

It uses jsonpatch and jsonpointer, which the extra `testing` installs. They are imported inside the
functions, so that MemoryBackend works without them as long as it gets no pointer and no JSON Patch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import Conflict

_NOTHING = object()


def pointed(data: Any, pointers: Iterable[str]) -> dict[str, Any]:
    """The values that are found at these pointers, by pointer."""
    if not (wanted := tuple(pointers)):
        return {}
    from jsonpointer import resolve_pointer

    found = {pointer: resolve_pointer(data, pointer, _NOTHING) for pointer in wanted}
    return {pointer: value for pointer, value in found.items() if value is not _NOTHING}


def without(data: Any, pointer: str) -> Any:
    """The data without the value at the pointer; unchanged if there is none."""
    from jsonpatch import JsonPatch, JsonPatchConflict

    try:
        return JsonPatch([{"op": "remove", "path": pointer}]).apply(data)
    except JsonPatchConflict:
        return data


def patched(data: Any, operations: list[Any]) -> Any:
    """Applies a JSON Patch (RFC 6902). Conflict names the first operation that does not apply."""
    for number, operation in enumerate(operations):
        result = _simple(data, operation)
        data = _applied(data, number, operation) if result is _NOTHING else result
    return data


def _simple(data: Any, operation: Any) -> Any:
    """The result of writing or removing the whole data or a member of it; else _NOTHING.

    The patches that are made of models need no more, and so work without jsonpatch.
    """
    if not isinstance(operation, dict):
        return _NOTHING
    kind, path = operation.get("op"), operation.get("path")
    writes = kind in ("add", "replace") and "value" in operation
    if path == "" and writes:
        return operation["value"]
    if not isinstance(data, dict) or not isinstance(path, str) or path.rfind("/") != 0:
        return _NOTHING
    name = path[1:].replace("~1", "/").replace("~0", "~")
    if writes and (kind == "add" or name in data):
        return {**data, name: operation["value"]}
    if kind == "remove" and name in data:
        return {other: value for other, value in data.items() if other != name}
    return _NOTHING


def _applied(data: Any, number: int, operation: Any) -> Any:
    from jsonpatch import JsonPatch, JsonPatchConflict, JsonPatchTestFailed
    from jsonpointer import JsonPointerException

    try:
        return JsonPatch([operation]).apply(data)
    except (JsonPatchConflict, JsonPatchTestFailed, JsonPointerException) as error:
        raise Conflict(f"operation {number}: {error}") from None
