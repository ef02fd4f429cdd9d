"""JSON in and out. Nothing is ever pickled."""

from __future__ import annotations

import json
from typing import Any


class Raw:
    """JSON text that is sent as it is, byte for byte. The server checks that it is strict JSON."""

    __slots__ = ("text",)

    def __init__(self, text: str | bytes) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Raw({self.text!r})"


# json.dumps with options makes an encoder anew each time.
_encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def dumps(data: Any) -> bytes:
    """The JSON text of `data`. NaN and the infinities are no JSON, and a ValueError."""
    if isinstance(data, Raw):
        return data.text if isinstance(data.text, bytes) else data.text.encode()
    return _encoded(data).encode()


def loads(text: str) -> Any:
    return json.loads(text)
