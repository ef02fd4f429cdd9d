"""Ready Codecs for session dicts: `typed_json` and `plain_json`.

`typed_json` stores a value as an object with one member, whose name says the type, so that the next
request reads an equal value. A member of the application that has such a name gets one more `$`:
text that came from a visitor never becomes a value of another type.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

from .._json import dumps
from .json_values import Codec, as_json


@dataclass(frozen=True)
class _Type:
    """How the values of one type are stored."""

    of: type[Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _days(span: timedelta) -> list[int]:
    return [span.days, span.seconds, span.microseconds]


def _members(values: Any, encode: Callable[[Any], Any]) -> list[Any]:
    """The members of a set in an order that depends on them alone, so that equal sets are equal."""
    tagged = ({"$tuple": value} if isinstance(value, tuple) else value for value in values)
    return sorted((as_json(value, codec=Codec(encode)) for value in tagged), key=dumps)


# The first type that a value is an instance of counts: a datetime is a date, too.
_TYPES = {
    "$datetime": _Type(datetime, datetime.isoformat, datetime.fromisoformat),
    "$date": _Type(date, date.isoformat, date.fromisoformat),
    "$time": _Type(time, time.isoformat, time.fromisoformat),
    "$timedelta": _Type(timedelta, _days, lambda parts: timedelta(*parts)),
    "$decimal": _Type(Decimal, str, Decimal),
    "$uuid": _Type(UUID, str, UUID),
    "$bytes": _Type(bytes, lambda data: b64encode(data).decode(), b64decode),
    "$set": _Type(set, list, set),
    "$frozenset": _Type(frozenset, list, frozenset),
    "$tuple": _Type(tuple, list, tuple),
}
_RESERVED = re.compile(r"\$+(?:enum|" + "|".join(name[1:] for name in _TYPES) + ")")
_UNREADABLE = (
    AttributeError,
    Base64Error,
    InvalidOperation,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)


def typed_codec(*enums: type[Enum]) -> Codec:
    """A Codec like `typed_json` that also stores the members of these Enum classes, by name.

    Enums that are a str or an int need none: they are stored as that, which their members equal.
    """
    classes = {enum.__name__: enum for enum in enums}
    if len(classes) != len(enums):
        raise ValueError("two of the Enum classes have the same name")

    def encode(value: Any) -> Any:
        if isinstance(value, Enum):
            if classes.get(type(value).__name__) is not type(value):
                raise TypeError("name its class in typed_codec(...), or store its value")
            return {"$enum": [type(value).__name__, value.name]}
        for name, stored in _TYPES.items():
            if isinstance(value, stored.of):
                is_set = stored.of in (set, frozenset)
                return {name: _members(value, encode) if is_set else stored.write(value)}
        raise TypeError("typed_json has no form for it")

    def decode(found: dict[str, Any]) -> Any:
        if len(found) == 1:
            ((name, stored),) = found.items()
            try:
                if name in _TYPES:
                    return _TYPES[name].read(stored)
                if name == "$enum":
                    return classes[stored[0]][stored[1]]
            except _UNREADABLE:
                return found  # not written by this Codec
        if any(name.startswith("$$") for name in found):
            return {_unescaped(name): value for name, value in found.items()}
        return found

    return Codec(encode, decode, _escaped)


def _escaped(name: str) -> str:
    return "$" + name if name.startswith("$") and _RESERVED.fullmatch(name) else name


def _unescaped(name: str) -> str:
    return name[1:] if name.startswith("$$") and _RESERVED.fullmatch(name) else name


typed_json = typed_codec()
"""Keeps date and time types, Decimal, UUID, bytes, set and frozenset: they come back equal.

A tuple becomes a list, as always in JSON, except in a set."""


def _as_text(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted((as_json(item, codec=plain_json) for item in value), key=dumps)
    raise TypeError("plain_json has no form for it")


plain_json = Codec(_as_text)
"""Stores values as other clients expect them, and reads them as they are stored.

Dates and times become ISO 8601 text, a timedelta its seconds, Decimal and UUID text, an Enum its
value, and a set a list."""
