"""Models of models, and of other things with members: unions, dataclasses, TypedDicts, settings.

Cases as in model_shapes.py.
"""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    SecretStr,
    Tag,
    create_model,
)
from pydantic.dataclasses import dataclass
from typing_extensions import NotRequired, TypedDict

from support.model_shapes import Camel, Computed, Make

T = TypeVar("T")
NESTED: dict[str, Make] = {}


def one(name: str, annotation: Any, value: Any) -> None:
    """A case of one field."""
    NESTED[name] = lambda: create_model("One", x=(annotation, ...))(x=value)


class Node(BaseModel):
    value: int
    kids: list[Node] = Field(default_factory=list)
    parent: Node | None = None


class Cat(BaseModel):
    kind: Literal["cat"] = Field("cat", alias="petKind")
    lives: int


class Dog(BaseModel):
    kind: Literal["dog", "wolf"] = Field("dog", alias="petKind")
    age: float


class Pets(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    pets: list[Cat | Dog]
    by_function: Annotated[
        Annotated[Cat, Tag("c")] | Annotated[Dog, Tag("d")],
        Discriminator(lambda v: "c" if "lives" in (v if isinstance(v, dict) else vars(v)) else "d"),
    ]


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: T | None = None


class Address(TypedDict):
    street: str
    number: NotRequired[int]


class Point(NamedTuple):
    x: int
    y: float = 0.5


@dataclass
class Basket:
    goods: list[int]
    note: Annotated[str | None, Field(alias="remark")] = None
    secret: SecretStr = SecretStr("hush")
    total: int = dataclasses.field(default=0, kw_only=True)


@dataclasses.dataclass
class Plain:
    a: int
    b: float = math.inf


NESTED["recursion"] = lambda: Node(value=1, kids=[Node(value=2, kids=[Node(value=3)])])
NESTED["discriminators"] = lambda: Pets(
    pet=Cat(petKind="cat", lives=7),
    pets=[Dog(petKind="wolf", age=3), Cat(petKind="cat", lives=1)],
    by_function=Dog(petKind="dog", age=1),
)
NESTED["generic"] = lambda: Page[Camel](items=[Camel(user_name="a", last_seen=datetime.min)])
NESTED["generic_of_generics"] = lambda: Page[Page[int]](items=[Page[int](items=[1])])
NESTED["RootModel_of_a_list"] = lambda: RootModel[list[int]]([1, 2])
NESTED["RootModel_of_a_dict"] = lambda: RootModel[dict[str, Camel]]({})
NESTED["RootModel_of_a_number"] = lambda: RootModel[float](math.inf)
one("nested_RootModel", RootModel[list[Decimal]], [Decimal("1.1")])
one("TypedDict", Address, {"street": "a"})
one("NamedTuple", Point, Point(1))
one("pydantic_dataclass", Basket, Basket([1], remark="x"))
one("dataclass", Plain, Plain(1))
one("list_of_dataclasses", list[Plain], [Plain(1), Plain(2, 3)])
one("model_or_dict", Union[Computed, dict[str, int]], {"b": 1})

# Settings


def with_extra(**config: Any) -> BaseModel:
    settings: Any = ConfigDict(**config)
    return create_model("Extra", __config__=settings, a=(int, 1))(a=2)


NESTED["extra_forbid"] = lambda: with_extra(extra="forbid")
NESTED["extra_ignore"] = lambda: with_extra(extra="ignore")
NESTED["frozen"] = lambda: with_extra(frozen=True)
NESTED["strict"] = lambda: with_extra(strict=True)
NESTED["extra_allow"] = lambda: create_model(
    "Open", __config__=ConfigDict(extra="allow"), a=(int, ...)
)(a=1, b=[2], **{"c~/": None})


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    since: datetime
    price: Decimal
    tags: set[str]
    pair: tuple[int, float]
    raw: bytes
    span: timedelta


NESTED["strict_types"] = lambda: Strict(
    since=datetime(2024, 1, 1),
    price=Decimal("1.5"),
    tags={"a"},
    pair=(1, 2.5),
    raw=b"a",
    span=timedelta(days=400),
)
