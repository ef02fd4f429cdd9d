"""Pydantic models as JSON Schemas for the server, and as the data of a session."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from .._json import Raw
from ..web.device_member import allow_member
from ..web.login import merge_patch

# The server's regular expressions run in linear time, so they have no look-around and no
# back-references.
_NOT_LINEAR = re.compile(r"\(\?<?[=!]|\\[1-9]|\(\?P=")
# Keywords whose content is a value, not a schema.
_VALUES = {"const", "default", "enum", "examples"}


def schema_of(model: type[BaseModel]) -> tuple[str, str]:
    """The name and the text of a model's JSON Schema.

    The name is `Model@` and 16 hex digits of the text's SHA-256, so two versions of an application
    with two versions of a model can run side by side. Patterns that the server's regular
    expressions do not support are left out; the model still checks them when a route gets the data.
    """
    schema = _linear(model.model_json_schema(by_alias=True, mode="validation"))
    schema = allow_member(schema)
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{model.__name__}@{hashlib.sha256(text.encode()).hexdigest()[:16]}", text


def _linear(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_linear(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: part if name in _VALUES else _linear(part)
        for name, part in schema.items()
        if not (name == "pattern" and isinstance(part, str) and _NOT_LINEAR.search(part))
    }


def jsonable(data: Any) -> Any:
    """The value to store: a model becomes the JSON from which it can be read again."""
    if isinstance(data, BaseModel):
        return Raw(data.model_dump_json(by_alias=True, round_trip=True))
    return data


def patchable(changes: Any) -> Any:
    """The patch to send: a model becomes a merge patch of the fields that were set in it."""
    if isinstance(changes, BaseModel):
        return json.loads(
            changes.model_dump_json(by_alias=True, round_trip=True, exclude_unset=True)
        )
    return changes


def new_data(model: type[Any] | None, data: Any) -> Any:
    """The data of a new session: `data`, completed with the model's defaults.

    A later JSON Patch then finds the lists and objects that the model promises. Data that the model
    refuses is returned as it is, so that the server refuses it with its own message.
    """
    if isinstance(data, BaseModel):
        return jsonable(data)
    plain = merge_patch({}, data)
    if model is None:
        return plain
    try:
        return jsonable(model.model_validate(plain))
    except ValidationError:
        return plain
