"""Pointers and JSON Patches outside of the server, for the backend in memory.

On the libraries jsonpatch and jsonpointer, which the extra `testing` installs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import Conflict

_NOTHING = object()


def pointed(data: Any, pointers: Iterable[str]) -> dict[str, Any]:
    """What is at these pointers, by pointer; what is not there is left out."""
    if not (wanted := tuple(pointers)):
        return {}
    from jsonpointer import resolve_pointer

    found = {pointer: resolve_pointer(data, pointer, _NOTHING) for pointer in wanted}
    return {pointer: value for pointer, value in found.items() if value is not _NOTHING}


def without(data: Any, pointer: str) -> Any:
    """The data without what is at the pointer, if anything is."""
    from jsonpatch import JsonPatch, JsonPatchConflict

    try:
        return JsonPatch([{"op": "remove", "path": pointer}]).apply(data)
    except JsonPatchConflict:
        return data


def patched(data: Any, operations: list[Any]) -> Any:
    """RFC 6902; Conflict with the operation that cannot be applied."""
    from jsonpatch import JsonPatch, JsonPatchConflict, JsonPatchTestFailed
    from jsonpointer import JsonPointerException

    for number, operation in enumerate(operations):
        try:
            data = JsonPatch([operation]).apply(data)
        except (JsonPatchConflict, JsonPatchTestFailed, JsonPointerException) as error:
            raise Conflict(f"operation {number}: {error}") from None
    return data
