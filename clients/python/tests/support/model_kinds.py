"""Strategies for types of fields and their values, and for models made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntFlag
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    RootModel,
    SecretBytes,
    SecretStr,
    WrapSerializer,
    create_model,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict


@dataclass
class Kind:
    """A type of a field, and values that are of this type."""

    annotation: Any
    values: st.SearchStrategy[Any]
    hashable: bool = False
    clear: bool = True
    """Whether Pydantic's refusals are the server's, too, as far as their kinds say so."""
    strict: bool = True
    """Whether a strict model reads its values from JSON."""


class Colour(Enum):
    RED = "red"
    BLUE = "blue"
    FIVE = 5


class Rights(IntFlag):
    READ = 1
    WRITE = 2


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))
PATTERNS = {
    r"^[a-z]+$": "[a-z]{1,5}",
    r"^\w+$": r"\w{1,5}",
    r"^\d{2}$": r"\d\d",
    r"^.{0,3}$": r".{0,3}",
    r"\A[^0-9]*\z": "[^0-9]{0,4}",
    r"^(?:a|b-c)+$": "(a|b-c){1,3}",
    r"^[ -~]*$": "[ -~]{0,5}",
    r"^\p{L}*$": "[a-zé]{0,4}",
    r"(?i)^ab$": "[aA][bB]",
}
SAFE = (r"^[a-z]+$", r"^(?:a|b-c)+$", r"^[ -~]*$", r"\A[^0-9]*\z")


def _ints() -> st.SearchStrategy[Kind]:
    def bounded(bounds: tuple[int, int], step: int) -> Kind:
        low, high = sorted(bounds)
        low, high = low * step, high * step
        annotation = Annotated[int, Field(ge=low, le=high, multiple_of=step)]
        values = st.integers(low // step, high // step).map(lambda n: n * step)
        return Kind(annotation, values, True)

    def strict(bound: int) -> Kind:
        return Kind(Annotated[int, Field(gt=bound)], st.integers(bound + 1, bound + 2**70), True)

    bounds = st.integers(-(2**66), 2**66) | st.integers(-10, 10)
    return st.one_of(
        st.just(Kind(int, st.integers() | st.integers(-(10**40), 10**40), True)),
        st.builds(bounded, st.tuples(bounds, bounds), st.sampled_from([1, 3, 7, 10])),
        st.builds(strict, bounds),
    )


def _floats() -> st.SearchStrategy[Kind]:
    def bounded(bounds: tuple[float, float]) -> Kind:
        low, high = sorted(bounds)
        return Kind(Annotated[float, Field(ge=low, le=high)], st.floats(low, high), False)

    finite = st.floats(allow_nan=False, allow_infinity=False)
    return st.one_of(
        st.just(Kind(float, st.floats(allow_nan=False), False, strict=False)),
        st.just(Kind(Annotated[float, Field(allow_inf_nan=False)], finite, False)),
        st.builds(bounded, st.tuples(finite, finite)),
    )


def _texts() -> st.SearchStrategy[Kind]:
    def patterned(pattern: str) -> Kind:
        python = PATTERNS[pattern]
        values = st.from_regex(python, fullmatch=True).filter(_no_line_end)
        return Kind(Annotated[str, Field(pattern=pattern)], values, True, clear=pattern in SAFE)

    def of_length(low: int, more: int) -> Kind:
        annotation = Annotated[str, Field(min_length=low, max_length=low + more)]
        values = st.text(
            st.characters(exclude_categories=["Cs"]), min_size=low, max_size=low + more
        )
        return Kind(annotation, values, True)

    return st.one_of(
        st.just(Kind(str, TEXT, True)),
        st.builds(patterned, st.sampled_from(sorted(PATTERNS))),
        st.builds(of_length, st.integers(0, 3), st.integers(0, 4)),
    )


def _no_line_end(text: str) -> bool:
    return not set("\n\r\u2028\u2029\x85").intersection(text)


FIXED = [
    Kind(bool, st.booleans(), True),
    Kind(type(None), st.none(), True),
    Kind(datetime, st.datetimes() | st.datetimes(timezones=ZONES), clear=False),
    Kind(date, st.dates(), True),
    Kind(time, st.times(), True, clear=False),
    Kind(timedelta, st.timedeltas(), True, clear=False),
    Kind(Decimal, st.decimals(allow_nan=False, allow_infinity=False), clear=False),
    Kind(UUID, st.uuids(), True),
    Kind(bytes, TEXT.map(str.encode), True, clear=False),
    Kind(SecretStr, TEXT.map(SecretStr), clear=False),
    Kind(SecretBytes, TEXT.map(lambda t: SecretBytes(t.encode())), clear=False),
    Kind(IPv4Address, st.ip_addresses(v=4), True, clear=False),
    Kind(IPv6Address, st.ip_addresses(v=6), True, clear=False),
    Kind(PurePosixPath, st.just(PurePosixPath("/tmp/é")), True, clear=False),  # noqa: S108
    Kind(Literal["a", 1, None], st.sampled_from(["a", 1, None]), True),
    Kind(Colour, st.sampled_from(Colour), True),
    Kind(Rights, st.integers(0, 3).map(Rights), True, clear=False),
    Kind(Any, st.recursive(st.none() | TEXT, lambda v: st.lists(v, max_size=2)), clear=False),
    Kind(
        Annotated[int, PlainSerializer(lambda v: f"<{v}>"), BeforeValidator(lambda v: unwrap(v))],
        st.integers(),
        clear=False,
    ),
    Kind(
        Annotated[
            date,
            WrapSerializer(lambda v, handler: {"date": handler(v)}),
            BeforeValidator(lambda v: v["date"] if isinstance(v, dict) else v),
        ],
        st.dates(),
        clear=False,
        strict=False,
    ),
]


def unwrap(value: Any) -> Any:
    return int(value[1:-1]) if isinstance(value, str) and value[:1] == "<" else value


def _around(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
    """Containers of other kinds."""

    def lists(inner: Kind, low: int) -> Kind:
        annotation = Annotated[list[inner.annotation], Field(min_length=low, max_length=low + 2)]  # type: ignore[name-defined]
        values = st.lists(inner.values, min_size=low, max_size=low + 2)
        return Kind(annotation, values, False, inner.clear, inner.strict)

    def sets(inner: Kind) -> Kind:
        if not inner.hashable:
            return lists(inner, 0)
        values = st.sets(inner.values, max_size=3)
        return Kind(set[inner.annotation], values, False, inner.clear, inner.strict)  # type: ignore[name-defined]

    def tuples(one: Kind, other: Kind) -> Kind:
        clear, strict = one.clear and other.clear, one.strict and other.strict
        annotation = tuple[one.annotation, other.annotation]  # type: ignore[name-defined]
        return Kind(annotation, st.tuples(one.values, other.values), False, clear, strict)

    def dicts(inner: Kind) -> Kind:
        values = st.dictionaries(TEXT, inner.values, max_size=3)
        return Kind(dict[str, inner.annotation], values, False, inner.clear, inner.strict)  # type: ignore[name-defined]

    def optional(inner: Kind) -> Kind:
        values = st.none() | inner.values
        return Kind(Optional[inner.annotation], values, inner.hashable, inner.clear, inner.strict)

    def records(inner: Kind) -> Kind:
        record = TypedDict("Record", {"a": inner.annotation, "b": int})  # type: ignore[misc]  # noqa: UP013
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
    aliases: dict[str, str] = field(default_factory=dict)


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
    made = create_model("Made", __config__=ConfigDict(**config), **fields)  # type: ignore[call-overload]
    instances = st.fixed_dictionaries(values, optional=optional).map(lambda v: made(**v))
    return Model(made, instances, clear, strict)


SCALARS = st.one_of(_ints(), _floats(), _texts(), st.sampled_from(FIXED))
KINDS = st.recursive(SCALARS, _around, max_leaves=4)
MODELS = models(KINDS)
ROOTS = KINDS.map(
    lambda kind: Model(
        RootModel[kind.annotation],  # type: ignore[name-defined]
        kind.values.map(lambda v: RootModel[kind.annotation](v)),  # type: ignore[name-defined]
        kind.clear,
        kind.strict,
    )
)
