"""Strategies for types of fields and their values, and for models made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Optional

from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, Json, RootModel, create_model
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from support.model_scalars import SCALARS, TEXT, Kind


def _around(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
    """Containers of other kinds."""

    def lists(inner: Kind, low: int) -> Kind:
        annotation = Annotated[list[inner.annotation], Field(min_length=low, max_length=low + 2)]
        values = st.lists(inner.values, min_size=low, max_size=low + 2)
        return Kind(annotation, values, False, inner.clear, inner.strict)

    def sets(inner: Kind) -> Kind:
        if not inner.hashable:
            return lists(inner, 0)
        values = st.sets(inner.values, max_size=3)
        return Kind(set[inner.annotation], values, False, inner.clear, inner.strict)

    def tuples(one: Kind, other: Kind) -> Kind:
        clear, strict = one.clear and other.clear, one.strict and other.strict
        annotation = tuple[one.annotation, other.annotation]
        return Kind(annotation, st.tuples(one.values, other.values), False, clear, strict)

    def dicts(inner: Kind) -> Kind:
        values = st.dictionaries(TEXT, inner.values, max_size=3)
        return Kind(dict[str, inner.annotation], values, False, inner.clear, inner.strict)

    def optional(inner: Kind) -> Kind:
        values = st.none() | inner.values
        return Kind(Optional[inner.annotation], values, inner.hashable, inner.clear, inner.strict)

    def records(inner: Kind) -> Kind:
        record = TypedDict("Record", {"a": inner.annotation, "b": int})  # noqa: UP013
        values = st.fixed_dictionaries({"a": inner.values, "b": st.integers()})
        return Kind(record, values, False, inner.clear, inner.strict)

    def dataclasses(inner: Kind) -> Kind:
        made = pydantic_dataclass(
            type("Made", (), {"__annotations__": {"a": inner.annotation, "b": int}, "b": 5})
        )
        values = st.builds(made, inner.values, st.integers())
        return Kind(made, values, False, False, inner.strict)

    def jsons(inner: Kind) -> Kind:
        return Kind(Json[list[int]], st.just("[1,2]"), False, False, True)

    return st.one_of(
        st.builds(lists, kinds, st.integers(0, 1)),
        st.builds(sets, kinds),
        st.builds(tuples, kinds, kinds),
        st.builds(dicts, kinds),
        st.builds(optional, kinds),
        st.builds(records, kinds),
        st.builds(dataclasses, kinds),
        st.builds(jsons, kinds),
        st.builds(
            lambda model: Kind(model.type, model.instances, False, model.clear, model.strict),
            models(kinds),
        ),
    )


@dataclass
class Model:
    """A model, its instances, and whether all its kinds are clear."""

    type: type[BaseModel]
    instances: st.SearchStrategy[BaseModel]
    clear: bool
    strict: bool


NAMES = ["a", "b", "default", "enum", "const", "pattern", "format", "examples", "type_", "é"]
ALIASES = ["A", "c~/.$", "", "properties", "$ref", "b c", "\u00fc", "q"]
CONFIGS: list[dict[str, Any]] = [
    {},
    {"extra": "forbid"},
    {"extra": "allow"},
    {"populate_by_name": True},
    {"strict": True},
    {"ser_json_timedelta": "float"},
    {"ser_json_inf_nan": "constants"},
    {"use_enum_values": True},
    {"frozen": True},
    {"validate_assignment": True},
    {"str_strip_whitespace": False, "extra": "ignore"},
]


@st.composite
def models(draw: Callable[[st.SearchStrategy[Any]], Any], kinds: Any) -> Model:
    """A model with up to four fields of the kinds."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True))
    aliases = draw(st.permutations(ALIASES))
    config = draw(st.sampled_from(CONFIGS))
    clear, strict = "use_enum_values" not in config, True
    fields: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, alias in zip(names, aliases, strict=False):
        kind: Kind = draw(kinds)
        clear, strict = clear and kind.clear, strict and kind.strict
        options: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {"alias": alias},
                    {"validation_alias": alias},
                    {"serialization_alias": alias},
                    {"validation_alias": alias, "serialization_alias": alias + "s"},
                    {"validation_alias": AliasChoices(alias, alias + "2")},
                ]
            )
        )
        given = alias if {"alias", "validation_alias"}.intersection(options) else name
        if draw(st.booleans()):
            values[given] = kind.values
            fields[name] = (kind.annotation, Field(**options))
        else:
            optional[given] = kind.values
            default = draw(kind.values)
            fields[name] = (
                kind.annotation,
                Field(default_factory=lambda d=default: d, validate_default=True, **options),
            )
    if config.get("strict") and not strict:
        config = {}
    made = create_model("Made", __config__=ConfigDict(**config), **fields)
    instances = st.fixed_dictionaries(values, optional=optional).map(lambda v: made(**v))
    return Model(made, instances, clear, strict)


KINDS = st.recursive(SCALARS, _around, max_leaves=4)
MODELS = models(KINDS)
ROOTS = KINDS.map(
    lambda kind: Model(
        RootModel[kind.annotation],
        kind.values.map(lambda v: RootModel[kind.annotation](v)),
        kind.clear,
        kind.strict,
    )
)
