"""JSON text of Python objects and back. Nothing is ever pickled.

This is the lowest file of the package.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isinf
from typing import Any


class Raw:
    """JSON text that is sent unchanged, byte for byte. The server checks that it is strict JSON."""

    __slots__ = ("text",)

    def __init__(self, text: str | bytes) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Raw({self.text!r})"


# Made once, because json.dumps with options makes a new encoder in every call.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def dumps(data: Any) -> bytes:
    """The JSON text of `data`, in UTF-8. ValueError for NaN and the infinities."""
    if isinstance(data, Raw):
        return data.text if isinstance(data.text, bytes) else data.text.encode()
    return _encode(data).encode()


def loads(text: str, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """The Python objects of JSON text. `object_hook` is that of json.loads.

    Numbers of other clients never fail: one that Python has no number for becomes infinite, also an
    integer of more digits than Python converts.
    """
    try:
        return json.loads(text, object_hook=object_hook)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, object_hook=object_hook, parse_int=_number)


def _number(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


class Unreadable(ValueError):
    """JSON that another client stored, with a number that Python's do not hold."""


def exact_loads(text: str) -> Any:
    """The Python objects of JSON text. Unreadable for a number that is beyond a float's range, or
    that has more digits than Python converts (`sys.set_int_max_str_digits`)."""
    try:
        return _exact(text)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _float(text: str) -> float:
    if isinf(number := float(text)):
        raise Unreadable("a number is beyond the range of a float")
    return number


_exact = json.JSONDecoder(parse_float=_float).decode
