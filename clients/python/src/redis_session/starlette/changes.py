"""What a request changed in its session, and the JSON Patch that says so.

Objects are compared member by member, at any depth. Any other value, a list too, counts as one: the
places in a list are no names, so a change of the third item would hit another one when a request at
the same time has removed the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._json import dumps, loads


@dataclass(frozen=True)
class Change:
    path: tuple[str, ...]
    value: Any
    gone: bool = False


def plain(session: Mapping[str, Any]) -> dict[str, Any]:
    """What the session is as JSON: tuples as lists, names as text, and nothing shared with it."""
    data: dict[str, Any] = loads(dumps(dict(session)).decode())
    return data


def difference(
    before: dict[str, Any], after: dict[str, Any], at: tuple[str, ...] = ()
) -> list[Change]:
    changes = [Change((*at, name), None, gone=True) for name in before if name not in after]
    for name, value in after.items():
        path = (*at, name)
        if name not in before:
            changes.append(Change(path, value))
        elif isinstance(value, dict) and isinstance(before[name], dict):
            changes += difference(before[name], value, path)
        elif not _same(before[name], value):
            changes.append(Change(path, value))
    return changes


def _same(one: Any, other: Any) -> bool:
    """Python holds 1 and True equal, in a list too."""
    if type(one) is not type(other):
        return False
    return dumps(one) == dumps(other) if isinstance(one, list) else bool(one == other)


def json_patch(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """RFC 6902. An `add` before each `remove` lets that remove what another request has removed."""
    operations: list[dict[str, Any]] = []
    for change in changes:
        path = "".join("/" + s.replace("~", "~0").replace("/", "~1") for s in change.path)
        operations.append({"op": "add", "path": path, "value": change.value})
        if change.gone:
            operations.append({"op": "remove", "path": path})
    return operations


def applied(changes: Iterable[Change], data: dict[str, Any]) -> dict[str, Any]:
    """The data with the changes made, in objects that are made where they have gone."""
    result = plain(data)
    for change in changes:
        inside = result
        for step in change.path[:-1]:
            if not isinstance(inside.get(step), dict):
                if change.gone:
                    break
                inside[step] = {}
            inside = inside[step]
        else:
            if change.gone:
                inside.pop(change.path[-1], None)
            else:
                inside[change.path[-1]] = change.value
    return result
