"""The changes that a request made to its session dict, and the JSON Patch for them.

For frameworks whose session is a dict (Starlette, Django, Flask).

Objects are compared member by member, at any depth. A list is compared as a whole, because indices
are not stable: a patch of the third item would change another item if a concurrent request has
removed the first. What did not change is neither copied nor checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from .json_values import Codec, Encoded, as_json, member_name, pointer

_MISSING = object()
_SCALARS = frozenset({str, int, bool, float, type(None)})


@dataclass(frozen=True)
class Change:
    """One member that was set, or (`gone`) removed."""

    path: tuple[str, ...]
    """The names that lead to the member, from the outside in."""
    value: Any
    gone: bool = False

    @property
    def pointer(self) -> str:
        """The member's JSON Pointer."""
        return pointer(self.path)


def plain(session: Mapping[str, Any], codec: Codec | None = None) -> dict[str, Any]:
    """A deep copy as JSON sees it; see `as_json` for the errors."""
    try:
        data: dict[str, Any] = as_json(dict(session), codec=codec)
    except RecursionError:
        raise _too_deep() from None
    return data


def difference(
    before: dict[str, Any],
    after: dict[str, Any],
    at: tuple[str, ...] = (),
    *,
    codec: Codec | None = None,
    whole: Callable[[dict[str, Any]], bool] | None = None,
) -> list[Change]:
    """The changes that turn `before` into `after`. `at` is where the two are in the session.

    `before` is JSON. `after` may hold what `as_json` accepts, and the changes hold JSON. An object
    that is `whole` is compared and written as a whole, like a list.
    """
    try:
        return list(_difference(before, after, at, codec, whole))
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> ValueError:
    return ValueError("the session is nested too deeply, or a member contains itself")


def _difference(
    before: dict[str, Any],
    after: dict[str, Any],
    at: tuple[str, ...],
    codec: Codec | None,
    whole: Callable[[dict[str, Any]], bool] | None,
) -> Iterable[Change]:
    # Of keys that become the same name, such as 1 and "1", the last one counts.
    named = {member_name(key, at, codec): value for key, value in after.items()}
    for name in before:
        if name not in named:
            yield Change((*at, name), None, gone=True)
    for name, value in named.items():
        old = before.get(name, _MISSING)
        if type(value) in _SCALARS and type(old) is type(value) and old == value:
            continue
        path = (*at, name)
        if (
            isinstance(value, dict)
            and isinstance(old, dict)
            and not (whole is not None and (whole(value) or whole(old)))
        ):
            yield from _difference(old, value, path, codec, whole)
        elif not _same(old, value):
            new = as_json(value, path, codec)
            if not _same(old, new):
                yield Change(path, new)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. Python's == is not enough: 1 == True."""
    if isinstance(one, list) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and type(other) in (dict, Encoded):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return type(one) is type(other) and type(one) in _SCALARS and bool(one == other)


def as_json_patch(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as a JSON Patch (RFC 6902).

    An `add` precedes each `remove`, so that the `remove` also applies if a concurrent request has
    removed the member.
    """
    operations: list[dict[str, Any]] = []
    for change in changes:
        path = change.pointer
        operations.append({"op": "add", "path": path, "value": change.value})
        if change.gone:
            operations.append({"op": "remove", "path": path})
    return operations


def applied(changes: Iterable[Change], data: dict[str, Any]) -> dict[str, Any]:
    """The data after the changes. Missing objects on the path of a set member are created."""
    result = deepcopy(data)
    apply(changes, result)
    return result


def apply(changes: Iterable[Change], data: dict[str, Any]) -> None:
    """Makes the changes in the data itself. It then shares the changes' values."""
    for change in changes:
        inside = data
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
