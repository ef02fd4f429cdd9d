"""Pydantic models as schemas of the server."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from .._json import Raw
from ..web.login import merge_patch

# The server's patterns run in linear time, without look-around and back-references.
_NOT_LINEAR = re.compile(r"\(\?<?[=!]|\\[1-9]|\(\?P=")
# Below these are values, not schemas.
_VALUES = {"const", "default", "enum", "examples"}


def schema_of(model: type[BaseModel]) -> tuple[str, str]:
    """The name and the text of a model's JSON Schema.

    The name has a hash of the text, so two versions of an application with two versions of a model
    can run side by side. Patterns that the server's engine does not run are left out: the model
    itself still checks them, when a route receives the data.
    """
    schema = _linear(model.model_json_schema(by_alias=True, mode="validation"))
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
    """What is stored: a model as the JSON that it can be read from again."""
    if isinstance(data, BaseModel):
        return Raw(data.model_dump_json(by_alias=True, round_trip=True))
    return data


def patchable(changes: Any) -> Any:
    """A merge patch; of a model, what was set in it."""
    if isinstance(changes, BaseModel):
        return json.loads(
            changes.model_dump_json(by_alias=True, round_trip=True, exclude_unset=True)
        )
    return changes


def new_data(model: type[Any] | None, data: Any) -> Any:
    """The data of a new session: what is given, and for what is not, the model's defaults.

    So a JSON Patch finds the lists and objects that the model says are there. What the model does
    not take is sent as it is: the server refuses it, and says why.
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
