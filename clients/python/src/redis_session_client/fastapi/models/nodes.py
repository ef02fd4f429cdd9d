"""How Pydantic's core schemas nest, and whose functions they call.

A core schema is a tree of dicts, each with a `type`. Keys that are not listed here hold values
(defaults, members of an Enum, classes) in which nothing must be looked for. A key that a later
Pydantic adds is therefore left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

Node = dict[str, Any]
"""A core schema, or one of its fields."""

_ONE = (
    "schema",
    "items_schema",
    "keys_schema",
    "values_schema",
    "extras_schema",
    "lax_schema",
    "strict_schema",
    "json_schema",
    "python_schema",
    "return_schema",
    "arguments_schema",
    "serialization",
)
_MANY = ("items_schema", "definitions", "choices", "steps", "fields", "arguments_schema")

FIELDS = ("model-fields", "typed-dict", "dataclass-args")
"""Types of nodes whose `fields` have names: a dict by name, or a list of fields with a `name`."""

_OWN = {"pydantic", "pydantic_core", "operator", "_operator", "ipaddress", "pathlib", "re"}
_OWN.add(__name__.partition(".")[0])
"""Modules whose functions Pydantic and this package put into core schemas."""


def with_parts(node: Node, change: Callable[[Node], Node]) -> Node:
    """A copy of the node, with `change` applied to each node directly below it."""
    new = dict(node)
    for key in _ONE:
        if isinstance(part := node.get(key), dict):
            new[key] = change(part)
    for key in _MANY:
        parts = node.get(key)
        if isinstance(parts, list):
            new[key] = [_changed(part, change) for part in parts]
        elif isinstance(parts, dict) and key not in _ONE:
            new[key] = {name: _changed(part, change) for name, part in parts.items()}
    return new


def _changed(part: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(part, tuple):  # a choice of a union, with its label
        return (_changed(part[0], change), *part[1:])
    return change(part) if isinstance(part, dict) else part


def nodes(node: Node) -> Iterator[Node]:
    """The node and all nodes below it."""
    yield node
    below: list[Node] = []

    def collect(part: Node) -> Node:
        below.append(part)
        return part

    with_parts(node, collect)
    for part in below:
        yield from nodes(part)


def own(function: Any) -> bool:
    """Whether a function belongs to Pydantic, and not to the application."""
    if isinstance(function, partial):
        function = function.func
    if type(function).__module__ in ("operator", "_operator"):
        return True  # such as attrgetter("value"), which has no module of its own
    return str(getattr(function, "__module__", "")).partition(".")[0] in _OWN


def validator_of(node: Node) -> Any:
    """The function of a node such as function-after."""
    function = node.get("function")
    return function.get("function") if isinstance(function, dict) else function
