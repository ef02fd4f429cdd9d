"""The JSON values of what a route puts into its session dict, and the Codec that extends them.

A value without a form in JSON is refused with an error that names the member, because the route
that wrote it has returned by then. No error shows a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from .._json import loads

_LONGEST = 14_000
"""Bits of the longest int that Python converts to digits by default (4,300 digits)."""

Path = tuple[str, ...]


def _same_name(name: str) -> str:
    return name


@dataclass(frozen=True)
class Codec:
    """How values that JSON has no form for are stored, and read again.

    `encode` gets each such value and returns one that JSON has a form for, or raises TypeError, as
    the `default` of json.dumps does; what is inside of that is encoded in turn. `decode` gets each
    object of the stored data, the inner ones first, and returns what the route sees in its place,
    as the `object_hook` of json.loads does. `name` gives the stored name of a member, if that
    differs from the name in the dict.
    """

    encode: Callable[[Any], Any]
    decode: Callable[[dict[str, Any]], Any] | None = None
    name: Callable[[str], str] = _same_name

    def loads(self, text: str) -> Any:
        """What the route sees for the stored text."""
        return loads(text, self.decode)


class Encoded(dict[str, Any]):
    """An object that a Codec made of one value. It is replaced as a whole, as a text would be."""


def pointer(path: Path) -> str:
    """The JSON Pointer of a member."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def as_json(value: Any, path: Path = (), codec: Codec | None = None) -> Any:
    """A deep copy of a value as JSON sees it: tuples become lists, and names text.

    TypeError or ValueError, with the member's pointer, for a value that has no form in JSON.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _encodable(value, path)
    if value is None or kind is bool:
        return value
    if isinstance(value, dict):
        named = ((member_name(name, path, codec), item) for name, item in value.items())
        return {name: as_json(item, (*path, name), codec) for name, item in named}
    if isinstance(value, (list, tuple)):
        return [as_json(item, (*path, str(n)), codec) for n, item in enumerate(value)]
    if isinstance(value, str):
        return _encodable(str.__str__(value), path)
    if isinstance(value, int):
        if value.bit_length() > _LONGEST:
            raise ValueError(f"the session's member {pointer(path)} is an int of too many digits")
        return int(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(
                f"the session's member {pointer(path)} is NaN or infinite, "
                "for which JSON has no number; store None or a text"
            )
        return float(value)
    return _encoded(value, path, codec)


def _encoded(value: Any, path: Path, codec: Codec | None) -> Any:
    where = f"the session's member {pointer(path)} is of type {type(value).__name__}"
    if codec is None:
        raise TypeError(
            f"{where}, for which JSON has no form; store a text or a number, or set a codec such "
            "as typed_json"
        )
    try:
        made = codec.encode(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{where}, which the codec does not store: {error}") from error
    # The names of what the codec made are stored names already.
    made = as_json(made, path, Codec(codec.encode))
    return Encoded(made) if isinstance(made, dict) else made


def _encodable(text: str, path: Path) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"the session's member {_ascii(path)} has a text with half a surrogate pair, "
            "which is no Unicode text"
        ) from None
    return text


def member_name(name: Any, path: Path, codec: Codec | None) -> str:
    """The stored name of a dict's key. Numbers, bools and None become text, as in json.dumps."""
    if name is None or isinstance(name, bool):
        return {None: "null", True: "true", False: "false"}[name]
    if isinstance(name, (int, float)):
        return str(as_json(name, path))
    if not isinstance(name, str):
        raise TypeError(
            f"a name in the session's {pointer(path) or 'root'} is of type {type(name).__name__}; "
            "names are text"
        )
    text = name if type(name) is str and name.isascii() else _encodable(str.__str__(name), path)
    return text if codec is None else codec.name(text)


def _ascii(path: Path) -> str:
    return pointer(path).encode("ascii", "backslashreplace").decode()
