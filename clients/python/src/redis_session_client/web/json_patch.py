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
    from jsonpatch import JsonPatch, JsonPatchConflict, JsonPatchTestFailed
    from jsonpointer import JsonPointerException

    for number, operation in enumerate(operations):
        try:
            data = JsonPatch([operation]).apply(data)
        except (JsonPatchConflict, JsonPatchTestFailed, JsonPointerException) as error:
            raise Conflict(f"operation {number}: {error}") from None
    return data
