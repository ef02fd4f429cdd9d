"""The JSON Schema of a stored form: it accepts all that the model writes.

It says as much as JSON Schema can say in the same sense as Pydantic. Whatever can differ is left to
the model, which reads the data in every request: formats of times, addresses and URLs, patterns of
another dialect, numbers that doubles cannot tell apart, and what the application's own functions
make. A core schema of a kind that is unknown here accepts everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag
from typing import Any

from .core import must_be_given
from .keywords import EXACT, Schema, any_of, bounds, lengths, one_of
from .nodes import Node, nodes, own, validator_of
from .patterns import server_pattern

Config = Mapping[str, Any]

_NOT_FINITE = ["Infinity", "-Infinity", "NaN"]
_STRING: Schema = {"type": "string"}
_FUNCTIONS = ("function-before", "function-after", "function-wrap", "function-plain")


def json_schema(core: Node, depth: int) -> Schema:
    """The JSON Schema; below `depth` levels of nesting it accepts everything."""
    return _Writer(core).whole(core, depth)


class _Writer:
    def __init__(self, core: Node) -> None:
        self._named = {node["ref"]: node for node in nodes(core) if "ref" in node}
        self._numbers: dict[str, str] = {}
        self._defs: dict[str, Schema] = {}
        self._left = 0

    def whole(self, core: Node, depth: int) -> Schema:
        self._left = depth
        schema = self.of(core, {})
        if self._defs:
            schema = {**schema, "$defs": self._defs}
        return schema

    def of(self, node: Node, config: Config) -> Schema:
        """The schema of what this node writes."""
        if self._left <= 0:
            return {}
        self._left -= 1
        try:
            if serialization := node.get("serialization"):
                return self._serialized(node, serialization, config)
            return self._plain(node, config)
        finally:
            self._left += 1

    def _plain(self, node: Node, config: Config) -> Schema:
        method = getattr(self, f"_{node['type'].replace('-', '_')}", None)
        return method(node, node.get("config") or config) if method else {}

    def _serialized(self, node: Node, serialization: Node, config: Config) -> Schema:
        kind, written = serialization["type"], serialization.get("return_schema")
        if written is not None:
            schema = self.of(written, config)
        elif kind in ("to-string", "format"):
            schema = _STRING
        elif kind in ("function-plain", "function-wrap") and own(serialization["function"]):
            schema = self._plain(node, config)
        else:
            schema = {}
        unless_none = str(serialization.get("when_used", "")).endswith("unless-none")
        return any_of([schema, {"type": "null"}]) if unless_none else schema

    # Values

    def _none(self, node: Node, config: Config) -> Schema:
        return {"type": "null"}

    def _bool(self, node: Node, config: Config) -> Schema:
        return {"type": "boolean"}

    def _int(self, node: Node, config: Config) -> Schema:
        schema = {"type": "integer", **bounds(node)}
        step = node.get("multiple_of")
        if isinstance(step, int) and 0 < step < EXACT:
            # The remainder of a number that a double cannot hold would be wrong.
            exact = {"multipleOf": step, "maximum": EXACT, "minimum": -EXACT}
            beyond = [{"exclusiveMinimum": EXACT}, {"exclusiveMaximum": -EXACT}]
            schema["anyOf"] = [exact, *beyond]
        return schema

    def _float(self, node: Node, config: Config) -> Schema:
        schema = {"type": "number", **bounds(node)}
        if node.get("allow_inf_nan", config.get("allow_inf_nan", True)) is False:
            return schema
        return any_of([schema, {"enum": _NOT_FINITE}])

    def _decimal(self, node: Node, config: Config) -> Schema:
        return {"type": ["string", "number"]}

    _timedelta = _decimal

    def _str(self, node: Node, config: Config) -> Schema:
        schema = {"type": "string", **lengths(node, "Length")}
        python = (node.get("regex_engine") or config.get("regex_engine")) == "python-re"
        if pattern := server_pattern(node.get("pattern"), python=python):
            schema["pattern"] = pattern
        return schema

    def _bytes(self, node: Node, config: Config) -> Schema:
        return _STRING

    _time = _datetime = _url = _multi_host_url = _json = _bytes

    def _date(self, node: Node, config: Config) -> Schema:
        return {"type": "string", "format": "date"}

    def _uuid(self, node: Node, config: Config) -> Schema:
        return {"type": "string", "format": "uuid"}

    def _literal(self, node: Node, config: Config) -> Schema:
        return one_of(node["expected"])

    def _enum(self, node: Node, config: Config) -> Schema:
        if issubclass(node["cls"], Flag):
            return {"type": "integer"}  # also combinations, which are no members
        return one_of(node["members"])

    # Collections

    def _list(self, node: Node, config: Config) -> Schema:
        schema: Schema = {"type": "array", **lengths(node, "Items")}
        if node.get("items_schema") and (items := self.of(node["items_schema"], config)):
            schema["items"] = items
        return schema

    _set = _frozenset = _deque = _list

    def _tuple(self, node: Node, config: Config) -> Schema:
        items, variadic = node["items_schema"], node.get("variadic_item_index")
        if variadic is None:
            count = len(items)
            schema: Schema = {"type": "array", "minItems": count, "maxItems": count}
            if count:
                schema["prefixItems"] = [self.of(item, config) for item in items]
            return schema
        schema = {"type": "array", **lengths(node, "Items")}
        if len(items) == 1:
            schema["items"] = self.of(items[0], config)
        return schema

    def _dict(self, node: Node, config: Config) -> Schema:
        schema: Schema = {"type": "object", **lengths(node, "Properties")}
        if node.get("values_schema") and (values := self.of(node["values_schema"], config)):
            schema["additionalProperties"] = values
        keys = node.get("keys_schema") or {}
        if keys.get("type") in ("str", "uuid") and (named := self.of(keys, config)) != _STRING:
            schema["propertyNames"] = named
        return schema

    def _model_fields(self, node: Node, config: Config) -> Schema:
        fields = node["fields"]
        known = fields if isinstance(fields, list) else fields.values()
        schema: Schema = {"type": "object"}
        properties, required = {}, []
        for field in known:
            name = field["serialization_alias"]
            written = not field.get("serialization_exclude") and not field.get("init_only")
            properties[name] = self._field(name, field["schema"], config) if written else {}
            if written and must_be_given(field, node):
                required.append(name)
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = sorted(required)
        extra = node.get("extra_behavior") or config.get("extra_fields_behavior")
        if extra == "forbid":
            schema["additionalProperties"] = False
        elif extra == "allow" and node.get("extras_schema"):
            schema["additionalProperties"] = self.of(node["extras_schema"], config)
        return schema

    _typed_dict = _dataclass_args = _model_fields

    def _field(self, name: str, node: Node, config: Config) -> Schema:
        schema = self.of(node, config)
        if node.get("default", ...) is not None or node.get("serialization"):
            return schema
        if self._accepts_null(schema):
            return schema
        if any(not own(validator_of(part)) for part in nodes(node) if part["type"] in _FUNCTIONS):
            return any_of([schema, {"type": "null"}])  # a validator may read it
        raise TypeError(
            f"the field '{name}' has the default None, which its type does not read; "
            "add None to the type, as in `str | None`"
        )

    def _accepts_null(self, schema: Schema) -> bool:
        if "$ref" in schema:
            return self._accepts_null(self._defs.get(schema["$ref"].rpartition("/")[2], {}))
        if "anyOf" in schema:
            return any(self._accepts_null(choice) for choice in schema["anyOf"])
        kind = schema.get("type", "null")
        return kind == "null" and None in schema.get("enum", [None])

    # Nodes around others

    def _inner(self, node: Node, config: Config) -> Schema:
        return self.of(node["schema"], config)

    _model = _dataclass = _default = _custom_error = _definitions = _inner

    def _function_before(self, node: Node, config: Config) -> Schema:
        """A chain of validators around a schema: it must not change what is written."""
        before = after = False
        inner = node
        while inner["type"] in (*_FUNCTIONS, "default", "nullable"):
            if inner["type"] in _FUNCTIONS and not own(validator_of(inner)):
                before = before or inner["type"] != "function-after"
                after = after or inner["type"] != "function-before"
            if inner["type"] == "function-plain":
                return {}
            inner = inner["schema"]
        if before and after and inner["type"] not in ("model", "definition-ref", "dataclass"):
            # One function can turn the value into what the schema refuses, and another back.
            return {}
        return self.of(node["schema"], config)

    _function_after = _function_wrap = _function_before

    def _nullable(self, node: Node, config: Config) -> Schema:
        return any_of([self.of(node["schema"], config), {"type": "null"}])

    def _union(self, node: Node, config: Config) -> Schema:
        choices = [c[0] if isinstance(c, tuple) else c for c in node["choices"]]
        return any_of([self.of(choice, config) for choice in choices])

    def _tagged_union(self, node: Node, config: Config) -> Schema:
        choices = [c for c in node["choices"].values() if isinstance(c, dict)]
        return any_of([self.of(choice, config) for choice in choices])

    def _chain(self, node: Node, config: Config) -> Schema:
        return self.of(node["steps"][-1], config)

    def _lax_or_strict(self, node: Node, config: Config) -> Schema:
        return self.of(node["strict_schema"], config)

    def _json_or_python(self, node: Node, config: Config) -> Schema:
        of = node["python_schema"].get("cls")
        if isinstance(of, type) and issubclass(of, Enum) and not issubclass(of, Flag):
            return one_of(list(of))  # Pydantic 2.6
        return self.of(node["json_schema"], config)

    def _definition_ref(self, node: Node, config: Config) -> Schema:
        ref = node["schema_ref"]
        if ref not in self._named:
            return {}
        if ref not in self._numbers:
            number = self._numbers[ref] = str(len(self._numbers) + 1)
            left, self._left = self._left, max(self._left, 1)
            self._defs[number] = self.of(self._named[ref], config)
            self._left = left
        return {"$ref": f"#/$defs/{self._numbers[ref]}"}
