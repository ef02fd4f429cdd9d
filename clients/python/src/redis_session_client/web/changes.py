"""The changes that a request made to its session dict, and the JSON Patch for them.

For frameworks whose session is a dict (Starlette, Django, Flask).

Objects are compared member by member, at any depth. A list is compared as a whole, because indices
are not stable: a patch of the third item would change another item if a concurrent request has
removed the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._json import dumps, loads


@dataclass(frozen=True)
class Change:
    """One member that was set, or (`gone`) removed."""

    path: tuple[str, ...]
    """The names that lead to the member, from the outside in."""
    value: Any
    gone: bool = False


def plain(session: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy as JSON sees it: tuples become lists, and names text."""
    data: dict[str, Any] = loads(dumps(dict(session)).decode())
    return data


def difference(
    before: dict[str, Any],
    after: dict[str, Any],
    at: tuple[str, ...] = (),
    *,
    whole: Callable[[dict[str, Any]], bool] = lambda value: False,
) -> list[Change]:
    """The changes that turn `before` into `after`. `at` is where the two are in the session.

    An object that is `whole` is compared and written as a whole, like a list.
    """
    changes = [Change((*at, name), None, gone=True) for name in before if name not in after]
    for name, value in after.items():
        path = (*at, name)
        if name not in before:
            changes.append(Change(path, value))
        elif _apart(value, whole) and _apart(before[name], whole):
            changes += difference(before[name], value, path, whole=whole)
        elif not _same(before[name], value):
            changes.append(Change(path, value))
    return changes


def _apart(value: Any, whole: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether the members of a value are compared one by one."""
    return isinstance(value, dict) and not whole(value)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. Python's == is not enough: 1 == True, in lists too."""
    if type(one) is not type(other):
        return False
    return dumps(one) == dumps(other) if isinstance(one, (dict, list)) else bool(one == other)


def as_json_patch(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as a JSON Patch (RFC 6902).

    An `add` precedes each `remove`, so that the `remove` also applies if a concurrent request has
    removed the member.
    """
    operations: list[dict[str, Any]] = []
    for change in changes:
        path = "".join("/" + s.replace("~", "~0").replace("/", "~1") for s in change.path)
        operations.append({"op": "add", "path": path, "value": change.value})
        if change.gone:
            operations.append({"op": "remove", "path": path})
    return operations


def applied(changes: Iterable[Change], data: dict[str, Any]) -> dict[str, Any]:
    """The data after the changes. Missing objects on the path of a set member are created."""
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
