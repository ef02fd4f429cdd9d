"""Keywords of JSON Schema that the server checks in the same sense as Pydantic."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .nodes import Node

Schema = dict[str, Any]

EXACT = 2**53
"""The server compares greater numbers as doubles."""
_MOST_CHOICES = 200
"""Choices of a union, which the server tries one by one."""


def any_of(schemas: list[Schema]) -> Schema:
    """A schema that accepts what one of these accepts."""
    flat: list[Schema] = []
    for schema in schemas:
        if not schema:
            return {}
        for part in schema["anyOf"] if list(schema) == ["anyOf"] else [schema]:
            if part not in flat:
                flat.append(part)
    if len(flat) > _MOST_CHOICES:
        return {}
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def one_of(values: list[Any]) -> Schema:
    """The values of a Literal or an Enum; everything, if some of them have no plain JSON."""
    plain = [value.value if isinstance(value, Enum) else value for value in values]
    for value in plain:
        exact = (type(value) is int and abs(value) < EXACT) or value is None
        if not exact and type(value) not in (str, bool):
            return {}
        if isinstance(value, str) and any("\ud800" <= letter < "\ue000" for letter in value):
            return {}
    return {"const": plain[0]} if len(plain) == 1 else {"enum": plain}


def bounds(node: Node) -> Schema:
    names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    schema: Schema = {}
    for name, keyword in names.items():
        bound = node.get(name)
        kinds = (int, float) if node["type"] == "float" else int
        if isinstance(bound, kinds) and abs(bound) < EXACT:
            schema[keyword] = bound
    return schema


def lengths(node: Node, of: str) -> Schema:
    """Bounds of a length, such as minItems."""
    found = {"min": node.get("min_length"), "max": node.get("max_length")}
    return {
        f"{end}{of}": length
        for end, length in found.items()
        if isinstance(length, int) and 0 <= length < EXACT and (length or end == "max")
    }
