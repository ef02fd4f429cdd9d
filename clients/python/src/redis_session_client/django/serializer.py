"""The session dict as JSON and back, by the serializer of SESSION_SERIALIZER.

The server keeps JSON, so that members can be changed one by one. A serializer of your own is used
if it writes JSON text of an object; any other, such as pickle, is refused before it sees a session.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.contrib.sessions.serializers import JSONSerializer
from django.core.exceptions import ImproperlyConfigured

from .._json import loads

_PROBE = {"a": {"b": [1, "c", None, True]}}


@lru_cache(maxsize=8)
def check_serializer(serializer: type[Any]) -> None:
    """ImproperlyConfigured if the serializer does not write JSON text of an object."""
    if serializer is JSONSerializer:
        return
    try:
        written = json.loads(serializer().dumps(_PROBE))
    except Exception as error:
        raise _refusal(serializer) from error
    if not isinstance(written, dict):
        raise _refusal(serializer)


def _refusal(serializer: type[Any]) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"SESSION_SERIALIZER {serializer.__module__}.{serializer.__qualname__} does not write JSON "
        "text of an object, which is what the server keeps; pickle cannot be used"
    )


def plain(serializer: type[Any], session: dict[str, Any]) -> dict[str, Any]:
    """The session as JSON has it. TypeError for a value that the serializer cannot write."""
    # Parsed by the standard library: what the application wrote has no numbers that it cannot read.
    written: dict[str, Any] = json.loads(serializer().dumps(session))
    return written


def read(serializer: type[Any], text: str) -> dict[str, Any]:
    """The session of JSON text of an object, which other clients may have written too."""
    if serializer is JSONSerializer:
        session: dict[str, Any] = loads(text)
    else:
        # A serializer may read its bytes as Latin-1, as Django's own does. ASCII suits them all.
        ascii_text = text if text.isascii() else json.dumps(loads(text))
        session = serializer().loads(ascii_text.encode())
    return session
