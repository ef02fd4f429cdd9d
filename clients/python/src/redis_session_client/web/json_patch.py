"""JSON Pointers and JSON Patches in Python, for StorageBackend and MemoryBackend.

It uses jsonpatch and jsonpointer, which the extras `storage` and `testing` install. They are
imported at the first use, so that a program without pointers and JSON Patches needs neither.
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
            "pointers, JSON Patches and logins with a whole model need jsonpatch in this backend: "
            "pip install 'redis-session-client[storage]'"
        ) from None


def pointed(data: Any, pointers: Iterable[str]) -> dict[str, Any]:
    """The values that are found at these pointers, by pointer."""
    if not (wanted := tuple(pointers)):
        return {}
    resolve = _library("jsonpointer").resolve_pointer
    found = {pointer: resolve(data, pointer, _NOTHING) for pointer in wanted}
    return {pointer: value for pointer, value in found.items() if value is not _NOTHING}


def without(data: Any, pointer: str) -> Any:
    """The data without the value at the pointer; unchanged if there is none."""
    library = _library("jsonpatch")
    try:
        return library.JsonPatch([{"op": "remove", "path": pointer}]).apply(data)
    except library.JsonPatchConflict:
        return data


def patched(data: Any, operations: list[Any]) -> Any:
    """Applies a JSON Patch (RFC 6902). Conflict names the first operation that does not apply.

    SessionError for what is no JSON Patch.
    """
    library = _library("jsonpatch")
    refusals = (
        library.JsonPatchConflict,
        library.JsonPatchTestFailed,
        library.JsonPointerException,
    )
    for number, operation in enumerate(operations):
        if not _has_pointers(operation):
            raise _no_patch(number, "'path' and 'from' must be JSON pointers")
        try:
            data = library.JsonPatch([operation]).apply(data)
        except refusals as error:
            raise Conflict(f"operation {number}: {error}") from None
        except library.InvalidJsonPatch as error:
            raise _no_patch(number, error) from None
    return data


def _has_pointers(operation: Any) -> bool:
    """Whether each location begins as a JSON pointer does; jsonpatch reports all other faults."""
    if not isinstance(operation, dict):
        return True
    places = [operation[name] for name in ("path", "from") if name in operation]
    return all(isinstance(p, str) and (p == "" or p.startswith("/")) for p in places)


def _no_patch(number: int, why: object) -> SessionError:
    return SessionError(f"the patch is no JSON Patch (RFC 6902): operation {number}: {why}")
