"""What is sent to the server, made of what an application passes to a session.

A model is written as a whole: its None and its defaults end up in the session exactly so. Only a
dict is a JSON Merge Patch, in which None removes a member. So a model becomes a JSON Patch.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from ..._json import Raw, dumps
from ...web.login import merge_patch
from .stored import Stored, stored


def jsonable(data: Any) -> Any:
    """The value to store: a model becomes the JSON text from which it can be read again."""
    if isinstance(data, BaseModel):
        return Raw(stored(type(data)).dumps(data))
    return plain(data)


def plain(value: Any, *, models: bool = True) -> Any:
    """A dict or a list whose parts are JSON: a datetime, for example, as Pydantic writes it.

    Raises TypeError for what has no JSON form, for a SecretStr, which would become asterisks, and
    for a model unless `models`.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {name: plain(part, models=models) for name, part in value.items()}
    if kind is list:
        return [plain(part, models=models) for part in value]
    if isinstance(value, BaseModel):
        if models:
            return parsed(jsonable(value))
        raise TypeError(
            "a model inside a dict would lose its None: a dict is a JSON Merge Patch; write "
            '[{"op": "add", "path": "/member", "value": model}]'
        )
    if hasattr(value, "get_secret_value"):
        raise TypeError("a SecretStr has no JSON form; write its get_secret_value()")
    if isinstance(value, dict | list | tuple | set | frozenset):
        parts = dict(value) if isinstance(value, dict) else list(value)
        return plain(parts, models=models)
    if isinstance(value, Raw):
        return value
    try:
        return to_jsonable_python(value)
    except ValueError:
        raise TypeError(f"a {kind.__name__} has no JSON form") from None


_PLAIN = {str, int, float, bool, type(None)}


def parsed(data: Any) -> Any:
    """What `jsonable` returned, as Python objects."""
    return json.loads(dumps(data)) if isinstance(data, Raw) else data


def patch_of_fields(changes: Any) -> Any:
    """The patch to send for `patch`: of a model, the fields that were set in it.

    Each of them is written as a whole. A dict and a list are patches already.
    """
    if not isinstance(changes, BaseModel):
        return plain(changes, models=not isinstance(changes, dict))
    form, value = _written(changes)
    if not isinstance(value, dict) or (form.names is None and not form.keeps_others):
        return [_root(value)]
    if form.names is None:
        return _members(form, value, set(value))
    names = form.names.stored
    return _members(form, value, {names.get(field, field) for field in changes.model_fields_set})


def patch_of_all(changes: Any, present: str) -> Any:
    """The patch to send for `save` and a login: of a model, all of it.

    `present` is the text of the session's data. Members that the model does not know stay, if it
    ignores such members: an anonymous visitor's cart, for example.
    """
    if not isinstance(changes, BaseModel):
        return plain(changes, models=not isinstance(changes, dict))
    form, value = _written(changes)
    merges = form.keeps_others and present.lstrip().startswith("{")
    if not isinstance(value, dict) or not merges:
        return [_root(value)]
    names = form.names.stored.values() if form.names is not None else ()
    return _members(form, value, {*value, *names})


def _written(instance: BaseModel) -> tuple[Stored, Any]:
    form = stored(type(instance))
    return form, json.loads(form.dumps(instance))


def _root(value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": "", "value": value}


def _members(form: Stored, value: dict[str, Any], names: set[str]) -> list[dict[str, Any]]:
    """Operations that set these members of an object, and remove those that have no value."""
    operations = []
    for name in sorted(names - form.never_written):
        path = f"/{escaped(name)}"
        operations.append({"op": "add", "path": path, "value": value.get(name)})
        if name not in value:
            # The member may be there from before. Now that it surely is, it can be removed.
            operations.append({"op": "remove", "path": path})
    return operations


def escaped(name: str) -> str:
    """A member's name as a step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def new_data(model: type[BaseModel] | None, data: Any) -> Any:
    """The data of a new session: `data`, completed with the model's defaults.

    A later JSON Patch then finds the lists and objects that the model promises. Members that the
    model ignores are kept. Data that the model refuses is returned as it is, so that the server
    refuses it with its own message.
    """
    if isinstance(data, BaseModel) or model is None:
        return jsonable(data)
    form, data = stored(model), plain(data)
    try:
        text = form.dumps(model.model_validate_json(dumps(data)))
    except ValidationError:
        return data
    if form.names is None or not form.keeps_others:
        return Raw(text)
    others = {name: value for name, value in data.items() if name not in form.names.read}
    return {**json.loads(text), **others} if others else Raw(text)


def without_nulls(changes: Any) -> Any:
    """What a merge patch leaves where there is no session yet."""
    if not isinstance(changes, dict):
        return changes
    return merge_patch({}, plain(changes, models=False))
