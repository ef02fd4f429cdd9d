"""Changes of a session's JSON text in Python, for backends without the module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._json import Raw, dumps, loads
from .json_patch import patched, pointed, without
from .login import merge_patch


def after_changes(text: str, changes: Any) -> Any:
    """The data after a JSON Patch (list) or a JSON Merge Patch."""
    if isinstance(changes, Raw):
        changes = loads(dumps(changes).decode())
    if isinstance(changes, list):
        return patched(loads(text), changes)
    return merge_patch(loads(text), changes)


def popped(text: str, pointers: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """The values that were found at the pointers, by pointer, and the data without them."""
    data = loads(text)
    found = pointed(data, pointers)
    # Remove from the back, because a removal shifts the items of a list behind it.
    for pointer in sorted(found, key=_place, reverse=True):
        data = without(data, pointer)
    return found, data


def _place(pointer: str) -> list[tuple[int, str]]:
    """A sort key that puts indices in numerical order, and a value before its members."""
    return [(len(token), token) for token in pointer.split("/")]
