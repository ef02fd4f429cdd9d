"""Models of many forms: aliases, serializers, nesting, settings.

Each case is a function that returns an instance. What it holds must be stored by a login and read
back equal, on every supported version of Pydantic. model_fields.py has types of fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Optional, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializeAsAny,
    StringConstraints,
    WithJsonSchema,
    WrapSerializer,
    WrapValidator,
    computed_field,
    create_model,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

T = TypeVar("T")
Make = Callable[[], BaseModel]
SHAPES: dict[str, Make] = {}


def shape(make: Make) -> Make:
    SHAPES[make.__name__] = make
    return make


def one(name: str, annotation: Any, value: Any) -> None:
    """A case of one field."""
    SHAPES[name] = lambda: create_model("One", x=(annotation, ...))(x=value)


# Names


class Renamed(BaseModel):
    a: int = Field(validation_alias="va", serialization_alias="sa")
    b: int = Field(validation_alias=AliasChoices("b1", "b2"))
    c: int = Field(alias="c~/.$")
    d: int = Field(serialization_alias="sd")
    e: int = Field(validation_alias=AliasChoices(AliasPath("deep", 0), "e1"))


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    user_name: str
    last_seen: datetime


class Two(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            validation_alias=lambda name: f"in_{name}", serialization_alias=lambda name: f"o_{name}"
        )
    )
    a: int
    nested: Renamed | None = None
    many: list[Renamed] = Field(default_factory=list)
    by_name: dict[str, Renamed] = Field(default_factory=dict)


def renamed() -> Renamed:
    return Renamed.model_validate({"va": 1, "b2": 2, "c~/.$": 3, "d": 4, "deep": [5]})


shape(renamed)
shape(lambda: Camel(user_name="ada", last_seen=datetime(2024, 1, 1)))
SHAPES["camel"] = SHAPES.pop("<lambda>")


@shape
def names_of_nested_models() -> BaseModel:
    return Two(in_a=1, in_nested=renamed(), in_many=[renamed()], in_by_name={"x": renamed()})


@shape
def names_of_keywords() -> BaseModel:
    names = ("default", "enum", "const", "examples", "pattern", "format", "type", "properties")
    text = Annotated[str, Field(pattern=r"^(?:\w)+$")]
    return create_model("Keywords", **dict.fromkeys(names, (text, "josé")))()


@shape
def names_of_references() -> BaseModel:
    names = ("$ref", "$id", "$defs", "$schema", "a/b", "~", "", "é", "a b", "%41", "#")
    fields = {f"f{n}": (int, Field(alias=name)) for n, name in enumerate(names)}
    model = create_model("References", **fields)
    return model(**{name: n for n, name in enumerate(names)})


# Serializers and validators


class Serialized(BaseModel):
    since: datetime
    price: Decimal
    span: timedelta = timedelta(seconds=1)
    tags: set[str] = Field(default_factory=set)

    @field_serializer("since")
    def as_text(self, value: datetime) -> str:
        return value.strftime("%Y-%m-%dT%H:%M:%S")

    @field_serializer("price")
    def as_number(self, value: Decimal):
        return float(value)

    @field_serializer("span", mode="wrap")
    def around(self, value: timedelta, handler: Any) -> Any:
        return value.total_seconds()

    @field_serializer("tags", when_used="json")
    def in_order(self, value: set[str]) -> list[str]:
        return sorted(value)


@shape
def serializers() -> BaseModel:
    return Serialized(since=datetime(2024, 1, 1), price=Decimal("1.5"), tags={"b", "a"})


class Packed(BaseModel):
    a: int
    b: int

    @model_serializer
    def pack(self) -> str:
        return f"{self.a}:{self.b}"

    @model_validator(mode="before")
    @classmethod
    def unpack(cls, data: Any) -> Any:
        return dict(zip("ab", data.split(":"), strict=True)) if isinstance(data, str) else data


class Wrapped(BaseModel):
    a: int
    packed: Packed

    @model_serializer(mode="wrap")
    def around(self, handler: Any) -> dict[str, Any]:
        return {**handler(self), "b": "added"}


class Computed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int

    @computed_field
    @property
    def double(self) -> int:
        return 2 * self.a


class Hidden(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shown: int
    hidden: int = Field(5, exclude=True)
    _private: int = 3


class Checked(BaseModel):
    name: Annotated[str, StringConstraints(pattern="^[a-z]+$")]
    one: int = Field(1, ge=0)

    @field_validator("name", mode="before")
    @classmethod
    def lower(cls, name: Any) -> Any:
        return name.lower() if isinstance(name, str) else name

    @field_validator("name")
    @classmethod
    def upper(cls, name: str) -> str:
        return name.upper()

    @model_validator(mode="after")
    def odd(self) -> Checked:
        assert self.one % 2
        return self


shape(lambda: Packed(a=1, b=2))
SHAPES["model_serializer"] = SHAPES.pop("<lambda>")
SHAPES["wrapped_model_serializer"] = lambda: Wrapped(a=1, packed=Packed(a=1, b=2))
SHAPES["computed_field"] = lambda: Computed(a=2)
SHAPES["excluded_field"] = lambda: Hidden(shown=1)
SHAPES["validators_that_change"] = lambda: Checked(name="Ada")
SHAPES["documented_otherwise"] = lambda: create_model(
    "Documented",
    __config__=ConfigDict(json_schema_extra={"required": True, "example": object()}),
    x=(Annotated[int, WithJsonSchema({"type": "string"})], ...),
    y=(int, Field(json_schema_extra={"maximum": 3, "required": True}, examples=[math.inf])),
)(x=1, y=5)

one("PlainSerializer", Annotated[int, PlainSerializer(lambda v: str(v))], 5)
one("PlainSerializer_of_None", Annotated[int | None, PlainSerializer(lambda v: v)], None)
one("WrapSerializer", Annotated[int, WrapSerializer(lambda v, h: str(h(v)))], 5)
one("AfterValidator", Annotated[int, AfterValidator(abs)], 5)
one("AfterValidator_of_a_type", Annotated[str, BeforeValidator(str), AfterValidator(int)], "5")
one("BeforeValidator", Annotated[int, BeforeValidator(lambda v: v)], 5)
one("PlainValidator", Annotated[int, PlainValidator(lambda v: v)], 5)
one("WrapValidator", Annotated[int, WrapValidator(lambda v, h: h(v) if v else None)], 0)
one("SerializeAsAny", SerializeAsAny[Computed], Computed(a=1))

# Defaults

SHAPES["default_of_infinity"] = lambda: create_model("Rich", credit=(float, math.inf))()
SHAPES["default_factory"] = lambda: create_model(
    "Since", since=(datetime, Field(default_factory=datetime.now))
)()
SHAPES["default_that_is_no_JSON"] = lambda: create_model("Default", x=(Any, Field(object)))(x=1)
SHAPES["optional_default"] = lambda: create_model("Limit", limit=(Optional[int], 5))(limit=None)
SHAPES["no_fields"] = lambda: create_model("Nothing")()
