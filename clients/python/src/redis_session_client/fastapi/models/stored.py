"""The stored form of a model: how instances are written, and which schema the server checks.

It is made once for each model. Writing costs what `model_dump_json` costs, since pydantic-core does
it; only the writer is another.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from threading import Lock
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaSerializer

from ...web.device_member import allow_member
from .core import NAMES, StoredForm, stored_form, writing
from .keywords import Schema
from .names import Names
from .nodes import FIELDS, Node, nodes
from .schema import json_schema

_DEPTHS = (100, 12, 8, 6, 4, 3, 2, 1)
"""Depths of nesting that a schema describes: the first that the server takes."""
_MAX_TEXT = 60_000
"""Bytes of a schema. The server's default limit is above."""
_MAX_WAYS = 5_000
"""In how many ways a schema may check one value, through anyOf and $ref."""
_MAX_NESTED = 50
"""How many of these may be nested around one value."""

_building = Lock()


class Stored:
    """The stored form of one model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        form = stored_form(_core_schema(model), model.__name__)
        self._unsure = form.unsure
        self._writer = _writer(form, {**writing({})})
        self.names: Names | None = None
        """The names of the model's members; None if a serializer or a RootModel decides them."""
        self.keeps_others = False
        """Whether the model ignores members that it does not know, so that they may stay."""
        self.never_written: frozenset[str] = frozenset()
        """Stored names of fields with `exclude`."""
        self._read_root(form.schema)
        self.text = _text(form, model.__name__)
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        # The server takes names of at most 255 bytes, and those of generic models can be longer.
        self.name = f"{model.__name__.encode()[:200].decode(errors='ignore')}@{digest}"

    def _read_root(self, schema: Node) -> None:
        """Finds the node with the model's own fields, and reads it."""
        named = {node["ref"]: node for node in nodes(schema) if "ref" in node}
        node, config, plain = schema, schema.get("config") or {}, True
        while node["type"] not in FIELDS:
            if node.get("root_model"):
                return
            plain = plain and not node.get("serialization")
            ref = node.get("schema_ref")
            node = named[ref] if ref else node["schema"]
            config = node.get("config") or config
        extra = node.get("extra_behavior") or config.get("extra_fields_behavior")
        self.keeps_others = extra in (None, "ignore")
        if plain:
            names: Names = node[NAMES]
            self.names = names
            self.never_written = frozenset(
                names.stored[name]
                for name, field in node["fields"].items()
                if field.get("serialization_exclude")
            )

    def dumps(self, instance: BaseModel) -> str:
        """The JSON text of an instance of the model.

        Raises ValueError if the model would not read it, or if it has no JSON form.
        """
        text = self._writer.to_json(instance, by_alias=True, round_trip=True)
        if b"**********" in text and self._masks(instance):
            raise ValueError(
                f"{self.model.__name__}: a SecretStr in a field without that type would be stored "
                "as asterisks; declare the field as SecretStr, or store its get_secret_value()"
            )
        if self._unsure:
            self._must_read(text)
        return text.decode()

    def _masks(self, instance: BaseModel) -> bool:
        """Whether a SecretStr is left, which the writer would not show."""
        return _has_secret(self._writer.to_python(instance, by_alias=True, round_trip=True))

    def _must_read(self, text: bytes) -> None:
        try:
            self.model.model_validate_json(text)
        except ValidationError as error:
            places = [e["loc"] for e in error.errors(include_input=False, include_url=False)]
            raise ValueError(
                f"{self.model.__name__} does not read what it writes, at {places}; its serializers "
                "and validators must go together"
            ) from None


@lru_cache(maxsize=1024)
def stored(model: type[BaseModel]) -> Stored:
    """The stored form of a model. TypeError if the model cannot read what it writes."""
    return Stored(model)


def schema_of(model: type[BaseModel]) -> tuple[str, str]:
    """The name and the text of the JSON Schema that the server checks for a model.

    The name is `Model@` and 16 hex digits of the text's SHA-256, so two versions of an application
    with two versions of a model can run side by side. The schema accepts all that the model writes;
    what JSON Schema cannot say in the same sense is left to the model. Raises TypeError for a model
    that cannot read what it writes.
    """
    form = stored(model)
    return form.name, form.text


def _core_schema(model: type[BaseModel]) -> Node:
    try:
        model.model_rebuild()  # does nothing for a model that is complete
    except (PydanticUserError, NameError) as error:
        raise TypeError(f"{model.__name__} is not complete: {error}") from None
    core = model.__pydantic_core_schema__
    if not isinstance(core, dict):
        raise TypeError(f"{model.__name__} is not complete: call its model_rebuild() first")
    return dict(core)


def _writer(form: StoredForm, config: dict[str, Any]) -> SchemaSerializer:
    """The writer of the stored form, for its models too.

    From 2.11 on pydantic-core takes a complete model's own writer in place of the core schema that
    it is given; 2.13 has an argument against that, which models in containers evade. So the models
    pass for incomplete meanwhile.
    """
    with _building:
        complete = [
            (each, vars(each)["__pydantic_complete__"])
            for each in form.classes
            if "__pydantic_complete__" in vars(each)
        ]
        try:
            for each, _ in complete:
                type.__setattr__(each, "__pydantic_complete__", False)
            return SchemaSerializer(form.schema, config)  # type: ignore[arg-type]
        finally:
            for each, was in complete:
                type.__setattr__(each, "__pydantic_complete__", was)


def _text(form: StoredForm, name: str) -> str:
    """The text of the schema, cut to the depth that the server takes."""
    try:
        schemas = (json_schema(form.schema, depth) for depth in _DEPTHS)
        for schema in schemas:
            allowed = allow_member(schema)
            text = json.dumps(allowed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if len(text.encode()) <= _MAX_TEXT and _simple(schema):
                return text
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    return "{}"


def _simple(root: Schema) -> bool:
    """Whether each part of the schema checks a value in a bounded number of ways."""
    definitions: Schema = root.get("$defs", {})
    known: dict[str, tuple[int, int]] = {}

    def ways(schema: Schema) -> tuple[int, int]:
        number, nested = 1, 0
        if ref := schema.get("$ref"):
            name = ref.rpartition("/")[2]
            if name not in known:
                known[name] = (_MAX_WAYS, _MAX_NESTED)  # in case that it refers to itself in place
                known[name] = ways(definitions[name])
            number, nested = known[name][0], known[name][1] + 1
        if choices := schema.get("anyOf"):
            below = [ways(choice) for choice in choices]
            number += sum(each[0] for each in below)
            nested = max(nested, 1 + max(each[1] for each in below))
        return number, nested

    for part in _parts(root):
        number, nested = ways(part)
        if number >= _MAX_WAYS or nested >= _MAX_NESTED:
            return False
    return True


def _parts(schema: Schema) -> list[Schema]:
    """The schema and all schemas in it."""
    found, todo = [], [schema]
    while todo:
        part = todo.pop()
        found.append(part)
        for keyword in ("properties", "$defs"):
            todo += part.get(keyword, {}).values()
        for keyword in ("items", "additionalProperties", "propertyNames"):
            if isinstance(inner := part.get(keyword), dict):
                todo.append(inner)
        for keyword in ("anyOf", "prefixItems"):
            todo += part.get(keyword, [])
    return found


def _has_secret(value: Any) -> bool:
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, dict):
        return any(_has_secret(part) for part in [*value, *value.values()])
    if isinstance(value, list | tuple | set | frozenset):
        return any(_has_secret(part) for part in value)
    return callable(getattr(value, "get_secret_value", None))
