"""Pydantic's core schema of a model, changed so that the model reads back exactly what it writes.

`stored_form` is the base of both the writer and the JSON Schema of a model. Compared with what
`model_dump_json` writes, these differ:

- each field has a name that the model reads (names.py);
- a SecretStr is its value, not asterisks;
- numbers that are not finite are the strings "Infinity", "-Infinity" and "NaN", which Pydantic
  reads as numbers, where it would write null or invalid JSON;
- times are in ISO 8601, since Pydantic guesses the unit of a number;
- bytes are in the encoding that the model reads (`val_json_bytes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any, NamedTuple

from pydantic_core import SchemaError, SchemaSerializer, core_schema

from .names import names_of
from .nodes import FIELDS, Node, own, validator_of, with_parts

Config = Mapping[str, Any]

try:
    SchemaSerializer(core_schema.float_schema(), {"ser_json_inf_nan": "strings"})  # type: ignore[typeddict-item,unused-ignore]
    _STRINGS = True
except SchemaError:  # Pydantic 2.6 and 2.7
    _STRINGS = False


NAMES = "redis_session_names"
"""The key of a node with fields that holds their Names. pydantic-core ignores unknown keys."""


class StoredForm(NamedTuple):
    """What `stored_form` returns."""

    schema: Node
    classes: frozenset[type[Any]]
    """The models and dataclasses in it, whose own writers must not be used."""
    unsure: bool
    """Whether functions of the application decide what is written or read, so that only a trial
    can tell whether the model reads what it writes."""


def stored_form(core: Node, owner: str) -> StoredForm:
    """The core schema of the stored form. TypeError if the model cannot read what it writes."""
    form = _Form(owner)
    schema = form.changed(core, {})
    return StoredForm(schema, frozenset(form.classes), form.unsure)


class _Form:
    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.classes: set[type[Any]] = set()
        self.unsure = False

    def changed(self, node: Node, config: Config) -> Node:
        kind = str(node.get("type"))
        outer, owner = config, self.owner
        if kind in ("model", "dataclass"):
            self.classes.add(node["cls"])
            self.owner = node["cls"].__name__
            config = node.get("config") or {}
        elif node.get("config"):
            config = node["config"]
        new = with_parts(node, lambda part: self.changed(part, config))
        self.owner = owner
        if config is not outer or "config" in node:
            new["config"] = {**config, **writing(config)}
        if kind in FIELDS:
            new["fields"] = self._fields(new, config)
        elif kind == "float":
            self._float(new, config)
        elif kind in ("function-after", "function-wrap", "function-plain", "call"):
            self.unsure = self.unsure or kind == "call" or not own(validator_of(node))
        if isinstance(serialization := node.get("serialization"), dict):
            self._serialization(new, serialization)
        return new

    def _fields(self, node: Node, config: Config) -> Any:
        fields = node["fields"]
        named = [(f["name"], f) for f in fields] if isinstance(fields, list) else fields.items()
        names = names_of(named, {**config, **_flags(node)}, self.owner)
        for name, field in named:
            omitted = field.get("serialization_exclude") or field.get("serialization_exclude_if")
            if (omitted or field.get("init_only")) and must_be_given(field, node):
                raise TypeError(
                    f"{self.owner}: the field '{name}' is not written (exclude or InitVar), but "
                    "reading needs it; give it a default, or let it be written"
                )
            field["serialization_alias"] = names.stored[name]
        node[NAMES] = names
        return fields

    def _float(self, new: Node, config: Config) -> None:
        if new.get("allow_inf_nan", config.get("allow_inf_nan", True)) is False:
            return
        if new.get("strict", config.get("strict")):
            self.unsure = True  # a strict field does not read the string "Infinity"
        if not _STRINGS and "serialization" not in new:
            new["serialization"] = core_schema.plain_serializer_function_ser_schema(_finite)

    def _serialization(self, new: Node, serialization: Node) -> None:
        function = serialization.get("function")
        if function is None:
            return
        if not own(function):
            self.unsure = True
        elif "secret" in getattr(function, "__qualname__", "").lower():
            new["serialization"] = core_schema.plain_serializer_function_ser_schema(
                _revealed, return_schema=_of_secret(new)
            )


def writing(config: Config) -> dict[str, Any]:
    """The settings with which a model of this configuration writes its stored form."""
    settings = {
        "ser_json_timedelta": "iso8601",
        "ser_json_temporal": "iso8601",
        "ser_json_bytes": config.get("val_json_bytes", "utf8"),
    }
    return {**settings, "ser_json_inf_nan": "strings"} if _STRINGS else settings


def must_be_given(field: Node, fields: Node) -> bool:
    """Whether reading fails without this field of a node with fields."""
    if field["type"] == "typed-dict-field":
        return bool(field.get("required", fields.get("total", True)))
    return bool(field["schema"]["type"] != "default" and field.get("init", True))


def _flags(node: Node) -> Config:
    """Settings that some versions keep beside the fields."""
    return {"populate_by_name": True} if node.get("populate_by_name") else {}


def _of_secret(node: Node) -> Any:
    """The core schema of the value in a SecretStr, SecretBytes or Secret[...]."""
    for key in ("strict_schema", "json_schema", "schema"):
        node = node.get(key, node)
    return node


def _revealed(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def _finite(value: Any) -> Any:
    if not isinstance(value, float) or isfinite(value):
        return value
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
