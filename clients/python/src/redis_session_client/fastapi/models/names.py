"""The name under which a field of a model, a dataclass or a TypedDict is stored.

It is the first name that the model reads the field from. Pydantic prefers that name to all others,
so nothing else in the data can be read in its place. The name that Pydantic writes can differ: with
`validation_alias` or `AliasChoices`, a model does not read what it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .nodes import Node


class Names(NamedTuple):
    """The names of a node's fields in JSON."""

    stored: dict[str, str]
    """The stored name of each field, by the field's own name."""
    read: frozenset[str]
    """All members that reading looks at."""


def names_of(fields: Iterable[tuple[str, Node]], config: Mapping[str, Any], owner: str) -> Names:
    """The names of fields with this configuration.

    Raises TypeError for a field that no plain name reads, and for two fields of one name.
    """
    by_alias = config.get("validate_by_alias") is not False
    by_name = bool(config.get("validate_by_name") or config.get("populate_by_name"))
    names: dict[str, str] = {}
    before: dict[str, set[str]] = {}
    read: set[str] = set()
    for field, node in fields:
        paths = _paths(node.get("validation_alias")) if by_alias else []
        if not paths or by_name:
            paths.append([field])
        plain = [number for number, path in enumerate(paths) if len(path) == 1]
        if not plain:
            raise TypeError(
                f"{owner}: the field '{field}' is read only from inside another member "
                "(AliasPath), where it cannot be stored; add a plain name to its validation_alias, "
                "as in AliasChoices('name', AliasPath(...))"
            )
        name = str(paths[plain[0]][0])
        if name in names.values():
            raise TypeError(f"{owner}: two fields are stored as '{name}'; give one another alias")
        names[field] = name
        read.update(str(path[0]) for path in paths)
        before[field] = {str(path[0]) for path in paths[: plain[0]]}
    for field, members in before.items():
        if taken := members.intersection(names.values()):
            raise TypeError(
                f"{owner}: the field '{field}' would be read from the member '{min(taken)}', "
                f"which is another field's; put its plain name first in its AliasChoices"
            )
    return Names(names, frozenset(read))


def _paths(alias: Any) -> list[list[Any]]:
    """The ways in which a field may be read, as lists of steps, the preferred one first."""
    if alias is None:
        return []
    if isinstance(alias, str):
        return [[alias]]
    if alias and not isinstance(alias[0], list | tuple):
        return [list(alias)]
    return [list(path) for path in alias]
