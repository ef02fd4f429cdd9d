"""Writes pydantic-schemas.json: schemas as Pydantic 2 prints them, with documents as it writes them.

    pip install "pydantic[email]==2.14.4"
    python tests/suites/data/pydantic_schemas.py > tests/suites/data/pydantic-schemas.json

`good` are documents of the models' own values; `bad` are documents that Pydantic refuses. Tests read the
file; none runs this script.
"""

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union
from uuid import UUID

from pydantic import (
    AnyUrl,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Discriminator,
    EmailStr,
    Field,
    HttpUrl,
    Json,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    RootModel,
    SecretStr,
    Tag,
    TypeAdapter,
    computed_field,
    conint,
    conlist,
    constr,
    create_model,
)
from typing_extensions import TypedDict

T = TypeVar("T")
NOW = datetime(2026, 11, 29, 12, 30, 15, tzinfo=timezone.utc)
ID = UUID("2eb8aa08-aa98-41ea-b4aa-73b441d16380")
CASES = []


def case(model, *good, bad=(), name=None, by_alias=True, **options):
    """Adds a model. `good` are keyword arguments or values for it, `bad` are documents."""
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    adapter = TypeAdapter(model)
    schema = adapter.json_schema(by_alias=by_alias, **options)
    documents = []
    for value in good:
        value = adapter.validate_python(value)
        documents.append(json.loads(adapter.dump_json(value, by_alias=by_alias)))
    for document in bad:
        try:
            adapter.validate_json(json.dumps(document), strict=True)
        except ValueError:
            continue
        raise AssertionError(f"{model}: {document} is not bad")
    name = name or (model.__name__ if is_model else str(model))
    CASES.append({"name": f"pydantic {name}", "schema": schema, "good": documents, "bad": list(bad)})


def field(name, kind, *good, bad=()):
    """Adds a model with one required field of this type, and an optional list of them."""
    model = create_model(name, value=(kind, ...), more=(Optional[list[kind]], None))
    case(
        model,
        *({"value": value} for value in good),
        {"value": good[0], "more": list(good)},
        bad=[{}, *({"value": value} for value in bad)],
    )


# --- fields ----------------------------------------------------------------------------------------------

field("Text", str, "Ada", "", "\u00e9\u00df", bad=[1, None])
field("Whole", int, 0, -5, 12345678901, bad=["1", 1.5, None])
field("Real", float, 0.5, 1, -2.25, bad=["1", None])
field("Flag", bool, True, False, bad=[1, "true"])
field("Nothing", None, None, bad=[0])
field("Anything", Any, 1, "a", {"b": [None]})
field("Short", constr(min_length=1, max_length=10), "a", "abcdefghij", bad=["", "abcdefghijk"])
field("Code", constr(pattern=r"^[A-Z]{3}-\d{4}$"), "ABC-1234", bad=["abc-1234", "ABC-12345"])
field("Slug", Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)], "a-b", bad=["a--b"])
field("Port", conint(ge=1, le=65535), 1, 6379, bad=[0, 65536])
field("Ratio", Annotated[float, Field(ge=0, le=1)], 0, 0.5, 1, bad=[-0.1, 1.5])
field("Price", Annotated[float, Field(gt=0, lt=1000.5)], 0.01, 1000, bad=[0, 1000.5])
field("Step", conint(multiple_of=5), 0, 10, bad=[3])
field("Tenth", Annotated[float, Field(multiple_of=0.5)], 1.5)
field("Positive", PositiveInt, 1, bad=[0])
field("NonNegative", NonNegativeInt, 0, bad=[-1])
field("Fraction", PositiveFloat, 0.25, bad=[0])
field("Money", Decimal, Decimal("12.50"), Decimal("0"), bad=["x"])
field("Exact", Annotated[Decimal, Field(max_digits=8, decimal_places=2)], Decimal("1234.56"), bad=["x"])
field("Moment", datetime, NOW, bad=[None])
field("Day", date, date(2026, 11, 29), bad=[None])
field("Clock", time, time(12, 30, tzinfo=timezone.utc), bad=[None])
field("Span", timedelta, timedelta(hours=3), timedelta(days=2, seconds=1), bad=[None])
field("Key", UUID, ID, bad=[None, 1])
field("Mail", EmailStr, "ada@example.com", bad=[1])
field("Link", HttpUrl, "https://example.com/a?b=c", bad=[1, ""])
field("AnyLink", AnyUrl, "redis://localhost:6379/0", bad=[1])
field("Address4", IPv4Address, IPv4Address("127.0.0.1"), bad=[None])
field("Address6", IPv6Address, IPv6Address("::1"), bad=[None])
field("Network", IPv4Network, IPv4Network("10.0.0.0/8"), bad=[None])
field("Folder", Path, Path("/tmp/a"), bad=[1])
field("Raw", bytes, b"abc", bad=[1])
field("Encoded", Base64Bytes, b"YWJj", bad=[1])
field("Secret", SecretStr, "hush", bad=[1])
field("Size", ByteSize, 1024, bad=[-1])
field("Numbers", list[int], [], [1, 2], bad=[["a"], 1])
field("Few", conlist(str, min_length=1, max_length=3), ["a"], ["a", "b", "c"], bad=[[], ["a", "b", "c", "d"]])
field("Scopes", set[str], {"read"}, set(), bad=[["a", 1]])
field("Frozen", frozenset[int], frozenset({1, 2}), bad=[["a"]])
field("Pair", tuple[str, int], ("a", 1), bad=[["a"], ["a", "b"], ["a", 1, 2]])
field("Many", tuple[int, ...], (), (1, 2, 3), bad=[["a"]])
field("Matrix", list[list[float]], [[1, 0.5], []], bad=[[["a"]]])
field("Labels", dict[str, str], {}, {"a": "b"}, bad=[{"a": 1}])
field("Counters", dict[str, int], {"a": 1}, bad=[{"a": "b"}])
field("Nested", dict[str, dict[str, list[int]]], {"a": {"b": [1]}}, bad=[{"a": {"b": [None]}}])
field("Free", dict[str, Any], {"a": 1, "b": {"c": None}}, bad=[1])
field("ByPattern", dict[constr(pattern="^x-"), int], {"x-a": 1}, bad=[{"x-a": "b"}])
field("Maybe", Optional[str], "a", None, bad=[1])
field("MaybeWhole", Optional[Annotated[int, Field(ge=0)]], 1, None, bad=[-1, "a"])
field("MaybeList", Optional[list[str]], ["a"], None, bad=[[1], 1])
field("Either", Union[int, str], 1, "a", bad=[1.5, None])
field("Loose", Union[int, float, str, None], 1, 0.5, "a", None, bad=[[], {}])
field("OneOrMany", Union[str, list[str]], "a", ["a", "b"], bad=[1, [1]])
field("Words", Literal["a", "b", "a longer word"], "a", "a longer word", bad=["c", 1])
field("Versions", Literal[1, 2, 3], 1, bad=[4, "1"])
field("Mixed", Literal["auto", 0, True, None], "auto", 0, None, bad=["x", 5])
field("One", Literal["only"], "only", bad=["other"])


class Color(str, Enum):
    red = "red"
    green = "green"
    deep_blue = "deep blue"


class Level(IntEnum):
    low = 1
    high = 2


class Kind(Enum):
    text = "text"
    number = 7


field("Colors", Color, Color.red, Color.deep_blue, bad=["pink", 1])
field("Levels", Level, Level.low, bad=[3, "low"])
field("Kinds", Kind, Kind.text, Kind.number, bad=[8, "number"])
field("ByColor", dict[Color, int], {Color.red: 1}, bad=[{"red": "a"}])


class Point(NamedTuple):
    x: int
    y: float = 0


class Options(TypedDict, total=False):
    retries: int
    verbose: bool


field("Points", Point, Point(1, 2.5), bad=[1])
field("Typed", Options, {"retries": 3}, {}, bad=[{"retries": "a"}])

# --- models ----------------------------------------------------------------------------------------------


class User(BaseModel):
    id: int
    name: str
    email: Optional[EmailStr] = None
    roles: list[str] = []
    is_active: bool = True


ADA = {"id": 1, "name": "Ada", "email": "ada@example.com", "roles": ["admin"]}
case(User, ADA, {"id": 2, "name": "Bob"}, bad=[{}, {"id": "x", "name": "Ada"}, {"id": 1}])
case(list[User], [ADA, ADA], [], bad=[[{}], 1], name="list of User")
case(dict[str, User], {"a": ADA}, bad=[{"a": {}}], name="dict of User")
case(Optional[User], ADA, None, bad=[1, {}], name="Optional User")


class Session(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user_id: UUID
    created_at: datetime
    expires_at: Optional[datetime] = None
    ip: Optional[IPv4Address] = None
    csrf_token: constr(min_length=32, max_length=64)
    scopes: set[Literal["read", "write", "admin"]] = set()
    attributes: dict[str, Union[str, int, bool, None]] = {}


SESSION = {"user_id": ID, "created_at": NOW, "csrf_token": "x" * 32, "scopes": {"read"}}
case(
    Session,
    SESSION,
    {**SESSION, "ip": "127.0.0.1", "attributes": {"a": 1, "b": None, "c": "d"}},
    bad=[{}, {"user_id": str(ID), "created_at": NOW.isoformat(), "csrf_token": "x"}],
)


class Device(BaseModel):
    platform: Literal["ios", "android", "web"]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    trusted: bool = False


class Claims(BaseModel):
    iss: HttpUrl
    sub: str
    aud: Union[str, list[str]]
    exp: PositiveInt
    iat: PositiveInt
    device: Device
    scope: list[str] = Field(default_factory=list, max_length=50)


DEVICE = {"platform": "web", "version": "1.2.3"}
CLAIMS = {"iss": "https://example.com", "sub": "1", "aud": "a", "exp": 2, "iat": 1, "device": DEVICE}
case(Claims, CLAIMS, {**CLAIMS, "aud": ["a"], "scope": ["b"]}, bad=[{}, {**CLAIMS, "exp": 0}])


class Camel(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    first_name: str = Field(alias="firstName")
    last_name: str = Field(alias="lastName")
    birth_date: Optional[date] = Field(default=None, alias="birthDate")


case(Camel, {"firstName": "Ada", "lastName": "L"}, bad=[{"firstName": 1, "lastName": "a"}])
case(Camel, {"first_name": "Ada", "last_name": "L"}, by_alias=False, name="Camel by name")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    a: int
    b: str = "x"


case(Strict, {"a": 1}, bad=[{"a": 1, "c": 2}, {"a": "1"}])


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


case(Open, {"a": 1, "b": [2]}, bad=[{"a": "x"}])


class Rest(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    a: str


case(Rest, {"a": "x", "b": 1}, bad=[{"a": "x", "b": "y"}])


class Described(BaseModel):
    """A model with titles, descriptions and examples."""

    model_config = ConfigDict(title="A title", json_schema_extra={"examples": [{"a": 1}], "x-owner": "team"})
    a: int = Field(title="The a", description="what a is", examples=[1, 2], deprecated=True)
    b: str = Field("x", json_schema_extra={"x-order": 1})


case(Described, {"a": 1}, bad=[{"a": "x"}])


class Address(BaseModel):
    street: str
    city: str
    zip_code: constr(pattern=r"^[0-9]{5}$")
    country: constr(min_length=2, max_length=2) = "DE"


class Line(BaseModel):
    sku: str
    quantity: conint(gt=0, le=1000)
    price: Decimal


class Order(BaseModel):
    id: UUID
    customer: User
    shipping: Address
    billing: Optional[Address] = None
    lines: conlist(Line, min_length=1)
    status: Color = Color.red
    placed: datetime


ADDRESS = {"street": "Main", "city": "Ulm", "zip_code": "12345"}
LINE = {"sku": "a", "quantity": 2, "price": "9.99"}
ORDER = {"id": ID, "customer": ADA, "shipping": ADDRESS, "lines": [LINE], "placed": NOW}
case(Order, ORDER, {**ORDER, "billing": ADDRESS}, bad=[{}])
case(Line, LINE, bad=[{"sku": "a", "quantity": 0, "price": 1}])
case(Address, ADDRESS, bad=[{"street": "a", "city": "b", "zip_code": "1"}])
case(Order, ORDER, name="Order as written", mode="serialization")


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Chain(BaseModel):
    value: str
    next: Optional["Chain"] = None


class Tree(BaseModel):
    left: Optional["Tree"] = None
    right: Optional["Tree"] = None
    leaf: Union[int, str, None] = None


class Employee(BaseModel):
    name: str
    manager: Optional["Employee"] = None
    team: Optional["Team"] = None


class Team(BaseModel):
    lead: Employee
    members: dict[str, Employee] = {}


case(Node, {"value": 1, "children": [{"value": 2}]}, bad=[{"value": 1, "children": [{}]}])
case(Chain, {"value": "a", "next": {"value": "b", "next": None}}, bad=[{"value": "a", "next": {}}])
case(Tree, {"left": {"leaf": 1}, "right": {"left": {"leaf": "a"}}}, bad=[{"left": {"leaf": []}}])
case(Employee, {"name": "a", "manager": {"name": "b"}}, bad=[{"name": "a", "manager": {}}])
case(Team, {"lead": {"name": "a"}, "members": {"b": {"name": "b"}}}, bad=[{"lead": {}}])


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str


class Bird(BaseModel):
    kind: Literal["bird", "parrot"]
    wings: conint(ge=0, le=2) = 2


class Owner(BaseModel):
    pet: Annotated[Union[Cat, Dog, Bird], Field(discriminator="kind")]


class Shelter(BaseModel):
    pets: list[Annotated[Union[Cat, Dog, Bird], Field(discriminator="kind")]]
    favourite: Optional[Annotated[Union[Cat, Dog], Field(discriminator="kind")]] = None


CAT, DOG = {"kind": "cat"}, {"kind": "dog", "breed": "pug"}
case(Owner, {"pet": CAT}, {"pet": DOG}, {"pet": {"kind": "parrot"}}, bad=[{"pet": {"kind": "fish"}}, {"pet": {"kind": "dog"}}])
case(Shelter, {"pets": [CAT, DOG], "favourite": CAT}, {"pets": []}, bad=[{"pets": [{"kind": "dog"}]}])
case(Union[Cat, Dog], CAT, DOG, bad=[{"kind": "dog"}, 1], name="union of models")
case(Optional[Union[Cat, Dog]], CAT, None, bad=[{"kind": "dog"}, 1], name="optional union of models")


class V1(BaseModel):
    version: Literal[1]
    a: str


class V2(BaseModel):
    version: Literal[2]
    a: int


case(
    Annotated[Union[V1, V2], Field(discriminator="version")],
    {"version": 1, "a": "x"},
    {"version": 2, "a": 1},
    bad=[{"version": 3, "a": 1}, {"version": 1, "a": 1}],
    name="versions",
)


def shape_of(value):
    return "list" if isinstance(value, list) else "one"


case(
    Annotated[Union[Annotated[list[int], Tag("list")], Annotated[int, Tag("one")]], Discriminator(shape_of)],
    [1],
    2,
    bad=["a", ["a"]],
    name="callable discriminator",
)


class Created(BaseModel):
    event: Literal["created"]
    at: datetime
    by: User


class Renamed(BaseModel):
    event: Literal["renamed"]
    at: datetime
    names: tuple[str, str]


class Removed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    event: Literal["removed"]
    at: datetime
    reason: Optional[str] = None


class Log(RootModel[list[Annotated[Union[Created, Renamed, Removed], Field(discriminator="event")]]]):
    pass


EVENTS = [
    {"event": "created", "at": NOW, "by": ADA},
    {"event": "renamed", "at": NOW, "names": ("a", "b")},
    {"event": "removed", "at": NOW},
]
case(Log, EVENTS, [], bad=[[{"event": "other"}], {}])


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: NonNegativeInt
    next: Optional[str] = None


class Reply(BaseModel, Generic[T]):
    ok: bool
    data: Optional[T] = None
    error: Optional[str] = None


case(Page[User], {"items": [ADA], "total": 1}, bad=[{"items": [{}], "total": 1}])
case(Page[int], {"items": [1, 2], "total": 2}, bad=[{"items": ["a"], "total": 1}])
case(Reply[Page[Line]], {"ok": True, "data": {"items": [LINE], "total": 1}}, bad=[{"ok": 1}])
case(Reply[str], {"ok": False, "error": "no"}, bad=[{}])


class Base(BaseModel):
    id: int
    created: datetime = NOW


class Article(Base):
    title: constr(min_length=1, max_length=200)
    tags: set[constr(max_length=20)] = set()
    body: str


class Review(Article):
    stars: conint(ge=1, le=5)
    product: Optional[Line] = None


ARTICLE = {"id": 1, "title": "a", "body": "b", "tags": {"c"}}
case(Article, ARTICLE, bad=[{"id": 1, "title": "", "body": "b"}])
case(Review, {**ARTICLE, "stars": 5, "product": LINE}, bad=[{"id": 1, "title": "a", "body": "b", "stars": 6}])


class Names(RootModel[list[constr(min_length=1)]]):
    pass


class Settings(RootModel[dict[str, Union[bool, int, float, str, None, list[str]]]]):
    pass


case(Names, ["a"], [], bad=[[""], [1]])
case(Settings, {"a": 1, "b": ["c"], "d": None, "e": 0.5}, bad=[{"a": {}}, []])


class Circle(BaseModel):
    radius: float

    @computed_field
    @property
    def area(self) -> float:
        return self.radius * self.radius


case(Circle, {"radius": 2.5}, name="Circle as written", mode="serialization", bad=[])
case(Circle, {"radius": 2.5}, bad=[{"radius": "x"}])


class Embedded(BaseModel):
    payload: Json[dict[str, int]]
    name: str


case(Embedded, bad=[{"payload": 1, "name": "a"}])


class Cart(BaseModel):
    items: dict[UUID, Line] = {}
    coupon: Optional[constr(pattern=r"^[A-Z0-9]{6,12}$")] = None
    currency: Literal["EUR", "USD", "GBP"] = "EUR"
    updated: Union[datetime, int]


case(Cart, {"items": {ID: LINE}, "coupon": "ABC123", "updated": NOW}, {"updated": 1}, bad=[{}])


class Preferences(BaseModel):
    theme: Literal["light", "dark", "system"] = "system"
    language: constr(pattern=r"^[a-z]{2}(-[A-Z]{2})?$") = "en"
    volume: Annotated[int, Field(ge=0, le=100)] = 50
    ratio: Annotated[float, Field(gt=0, le=4)] = 1
    shortcuts: dict[str, conlist(str, min_length=1, max_length=4)] = {}
    window: Optional[tuple[int, int, int, int]] = None
    last: Union[None, Color, Level] = None


case(
    Preferences,
    {"theme": "dark", "shortcuts": {"a": ["b"]}, "window": (0, 0, 1, 1), "last": "red"},
    {},
    bad=[{"theme": "pink"}, {"volume": 101}, {"window": [1]}, {"shortcuts": {"a": []}}],
)


class Wide(BaseModel):
    pass


case(
    create_model("Wide", **{f"field_{n}": (Optional[int] if n % 3 else str, None if n % 3 else ...) for n in range(40)}),
    {f"field_{n}": n if n % 3 else "a" for n in range(40)},
    bad=[{}],
)
case(
    create_model("Wider", **{f"name{n:03}": (int, ...) for n in range(100)}),
    {f"name{n:03}": n for n in range(100)},
    bad=[{}],
)


class Query(BaseModel):
    where: "Where"
    limit: conint(ge=1, le=100) = 10


class Comparison(BaseModel):
    op: Literal["eq", "lt", "gt"]
    field: str
    value: Union[str, float, bool, None]


class Group(BaseModel):
    op: Literal["and", "or"]
    parts: list["Where"]


class Negation(BaseModel):
    op: Literal["not"]
    part: "Where"


Where = Annotated[Union[Comparison, Group, Negation], Field(discriminator="op")]
for model in (Group, Negation, Query):
    model.model_rebuild()
EQ = {"op": "eq", "field": "a", "value": 1.5}
case(
    Query,
    {"where": EQ},
    {"where": {"op": "and", "parts": [EQ, {"op": "not", "part": EQ}]}},
    bad=[{"where": {"op": "and"}}, {"where": {"op": "x"}}],
)


class Job(BaseModel):
    id: UUID
    state: Literal["queued", "running", "done", "failed"]
    attempts: NonNegativeInt = 0
    result: Union[Order, Claims, None] = None
    started: Optional[datetime] = None
    took: Optional[timedelta] = None
    progress: Annotated[float, Field(ge=0, le=1)] = 0


case(
    Job,
    {"id": ID, "state": "done", "result": ORDER, "took": timedelta(seconds=2)},
    {"id": ID, "state": "queued"},
    bad=[{"id": str(ID), "state": "other"}],
)


class Upload(BaseModel):
    name: constr(min_length=1, max_length=255, pattern=r"^[^/\\]+$")
    size: conint(ge=0, le=2**40)
    sha256: constr(pattern=r"^[0-9a-f]{64}$")
    media_type: constr(pattern=r"^[a-z]+/[a-z0-9.+-]+$")
    parts: list[tuple[int, int]] = []


case(
    Upload,
    {"name": "a.txt", "size": 5, "sha256": "a" * 64, "media_type": "text/plain", "parts": [(0, 5)]},
    bad=[{"name": "a/b", "size": 5, "sha256": "a" * 64, "media_type": "text/plain"}],
)

names = [case["name"] for case in CASES]
assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
assert len(CASES) >= 100, len(CASES)
print("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in CASES) + "]")
