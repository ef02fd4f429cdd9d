"""Models of one field, each of a type that Pydantic writes in a way of its own.

Each case is a function that returns an instance. What it holds must be stored by a login and read
back equal, on every supported version of Pydantic. model_shapes.py has models of other forms.
"""

from __future__ import annotations

import collections
import math
import re
import typing
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Interface
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import pydantic
from pydantic import (
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    Base64Str,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FiniteFloat,
    FutureDate,
    HttpUrl,
    ImportString,
    IPvAnyAddress,
    Json,
    JsonValue,
    NaiveDatetime,
    PastDatetime,
    PositiveInt,
    PostgresDsn,
    SecretBytes,
    SecretStr,
    SkipValidation,
    StringConstraints,
    create_model,
)

FIELDS: dict[str, Callable[[], BaseModel]] = {}


def field(name: str, annotation: Any, value: Any, **config: Any) -> None:
    """Adds a case."""

    def make() -> BaseModel:
        settings: Any = ConfigDict(**config)
        model = create_model("One", __config__=settings, x=(annotation, ...))
        return model(x=value)

    assert name not in FIELDS
    FIELDS[name] = make


class Rights(IntFlag):
    READ = 1
    WRITE = 2


class Modes(Flag):
    ON = 1
    FAST = 2


class Colour(str, Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Ratio(Enum):
    HALF = 0.5
    NONE = None
    PAIR = "a b"


NOON = datetime(2024, 2, 29, 12, 0, 0, 123456)
UTC = NOON.replace(tzinfo=timezone.utc)
EAST = NOON.replace(tzinfo=timezone(timedelta(hours=14)))

# Times

field("naive_datetime", datetime, NOON)
field("aware_datetime", datetime, UTC)
field("datetime_with_offset", datetime, EAST)
field("datetime_with_seconds_in_offset", datetime, NOON.replace(tzinfo=timezone(timedelta(hours=1, minutes=30))))
field("datetime_without_microseconds", datetime, NOON.replace(microsecond=0))
field("first_datetime", datetime, datetime.min)
field("last_datetime", datetime, datetime.max)
field("NaiveDatetime", NaiveDatetime, NOON)
field("AwareDatetime", AwareDatetime, EAST)
field("PastDatetime", PastDatetime, NOON)
field("date", date, date(2024, 2, 29))
field("first_date", date, date.min)
field("last_date", date, date.max)
field("FutureDate", FutureDate, date.max)
field("time", time, time(9, 30))
field("time_with_microseconds", time, time(9, 30, 0, 1))
field("time_with_offset", time, time(9, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))))
field("half_a_second", timedelta, timedelta(seconds=0.5))
field("days", timedelta, timedelta(days=400))
field("negative_timedelta", timedelta, timedelta(days=-3, microseconds=1))
field("zero_timedelta", timedelta, timedelta())
field("weeks", timedelta, timedelta(weeks=52, hours=25))
field("timedelta_as_float", timedelta, timedelta(days=400, seconds=1.5), ser_json_timedelta="float")
field("timedelta_bounds", Annotated[timedelta, Field(ge=timedelta(0))], timedelta(days=400))
field("datetime_bounds", Annotated[datetime, Field(gt=datetime(2000, 1, 1))], NOON)
field("date_bounds", Annotated[date, Field(le=date(2030, 1, 1))], date(2024, 1, 1))
field("datetime_or_date", Union[datetime, date], date(2024, 1, 1))
field("dates_as_keys", dict[date, int], {date(2024, 1, 1): 1})
field("datetimes_as_keys", dict[datetime, int], {NOON: 1})
field("timedeltas_as_keys", dict[timedelta, int], {timedelta(days=400): 1})

# Numbers

field("infinity", float, math.inf)
field("negative_infinity", float, -math.inf)
field("infinity_as_null", float, math.inf, ser_json_inf_nan="null")
field("infinity_as_constant", float, math.inf, ser_json_inf_nan="constants")
field("optional_infinity", Optional[float], math.inf)
field("list_of_infinities", list[float], [math.inf, 1.5, -math.inf])
field("dict_of_infinities", dict[str, float], {"a": math.inf})
field("infinity_above_a_bound", Annotated[float, Field(gt=0)], math.inf)
field("FiniteFloat", FiniteFloat, 1.5)
field("float_bounds", Annotated[float, Field(ge=0.1, lt=0.3)], 0.1 + 0.1)
field("float_steps", Annotated[float, Field(multiple_of=0.1)], 0.3)
field("float_bound_of_infinity", Annotated[float, Field(lt=math.inf)], 1e308)
field("small_float", float, 5e-324)
field("great_float", float, 1.7976931348623157e308)
field("negative_zero", float, -0.0)
field("great_int", int, 2**53 + 1)
field("greater_int", int, 10**30)
field("enormous_int", int, 10**400)
field("bound_beyond_doubles", Annotated[int, Field(lt=10**400)], 10**400 - 1)
field("bound_beyond_64_bits", Annotated[int, Field(lt=10**30)], 10**30 - 1)
field("bound_of_64_bits", Annotated[int, Field(le=2**63 - 1, gt=-(2**63))], 2**63 - 1)
field("bound_beyond_53_bits", Annotated[int, Field(gt=2**53)], 2**53 + 1)
field("bound_of_53_bits", Annotated[int, Field(gt=2**53 - 1)], 2**53)
field("steps", Annotated[int, Field(multiple_of=7)], 7 * 10**9)
field("steps_beyond_doubles", Annotated[int, Field(multiple_of=7)], 7 * (10**30 + 3))
field("negative_steps", Annotated[int, Field(multiple_of=7)], -7 * (2**60 + 1))
field("PositiveInt", PositiveInt, 1)
field("bool", bool, False)
field("int_or_bool", Union[int, bool], True)
field("int_or_str", Union[int, str], "5")
field("float_or_int", Union[float, int], 3)
field("Decimal", Decimal, Decimal("1.10"))
field("exact_Decimal", Decimal, Decimal("0.1000000000000000055511151231257827"))
field("great_Decimal", Decimal, Decimal("1E+50"))
field("small_Decimal", Decimal, Decimal("1E-50"))
field("Decimal_bounds", Annotated[Decimal, Field(gt=0, max_digits=5, decimal_places=2)], Decimal("0.50"))
field("ByteSize", ByteSize, 1024)

# Text

field("word_beyond_ascii", Annotated[str, Field(pattern=r"^\w+$")], "josé")
field("digits_beyond_ascii", Annotated[str, Field(pattern=r"^\d+$")], "٣")
field("spaces_beyond_ascii", Annotated[str, Field(pattern=r"^\s$")], "\x85")
field("any_character", Annotated[str, Field(pattern=r"^.$")], "\u2028")
field("ends_of_text", Annotated[str, Field(pattern=r"\A[a-z]+\z")], "abc")
field("pattern_of_a_group", Annotated[str, Field(pattern=r"^(?:[a-z]+|\d{2})(-x)?$")], "abc-x")
field("class_operations", Annotated[str, Field(pattern=r"^[a-z&&[^x]]+$")], "abc")
field("posix_class", Annotated[str, Field(pattern=r"^[[:alpha:]]+$")], "abc")
field("named_group", Annotated[str, Field(pattern=r"^(?P<a>x)+$")], "xx")
field("unicode_property", Annotated[str, Field(pattern=r"^\p{L}+$")], "ñ")
field("flag_in_a_pattern", Annotated[str, Field(pattern=r"(?i)^[a-z]+$")], "ABC")
field("word_boundary", Annotated[str, Field(pattern=r"é\b")], "né")
field("great_repetition", Annotated[str, Field(pattern=r"^[ab]{0,900}[0-9]{0,900}$")], "a0")
field("nested_repetition", Annotated[str, Field(pattern=r"^(?:(?:[ab]{0,99}x){0,99}y){0,9}$")], "axy")
field("python_pattern", Annotated[str, Field(pattern=r"^[a-z]+$")], "abc\n", regex_engine="python-re")
field("python_look_ahead", Annotated[str, Field(pattern=r"^(?!_)\w+$")], "a_b", regex_engine="python-re")
field("python_back_reference", Annotated[str, Field(pattern=r"^(a)\1$")], "aa", regex_engine="python-re")
field("python_ends_of_text", Annotated[str, Field(pattern=r"\A[a-z]+\Z")], "abc", regex_engine="python-re")
field(
    "keys_with_look_ahead",
    dict[Annotated[str, StringConstraints(pattern=r"^(?!_)\w+$")], int],
    {"a_b": 1},
    regex_engine="python-re",
)
field("keys_with_pattern", dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], int], {"a": 1})
field("keys_of_a_length", dict[Annotated[str, Field(min_length=2)], int], {"ab": 1})
field("no_text", str, "")
field("control_characters", str, "\x00\x01\x1f\x7f")
field("quotes_and_backslashes", str, "\"\\'/")
field("beyond_the_basic_plane", Annotated[str, Field(min_length=2, max_length=2)], "😀é")
field("combining_characters", Annotated[str, Field(max_length=2)], "e\u0301")
field("upper_case", Annotated[str, StringConstraints(to_upper=True, max_length=3)], "abc")
field("stripped", Annotated[str, StringConstraints(strip_whitespace=True, max_length=3)], "  abc  ")
field("length_beyond_memory", Annotated[str, Field(max_length=2**62)], "abc")
field("bytes", bytes, b"abc")
field("bytes_beyond_ascii", Annotated[bytes, Field(min_length=3, max_length=3)], "é!".encode())
field("Base64Bytes", Base64Bytes, b"aGVsbG8=")
field("Base64Str", Base64Str, "aGVsbG8=")
field("SecretStr", SecretStr, SecretStr("hush"))
field("empty_SecretStr", SecretStr, SecretStr(""))
field("long_SecretStr", Annotated[SecretStr, Field(min_length=8)], SecretStr("long enough"))
field("SecretBytes", SecretBytes, SecretBytes(b"hush"))
field("optional_SecretStr", Optional[SecretStr], SecretStr("hush"))
field("no_SecretStr", Optional[SecretStr], None)
field("list_of_SecretStr", list[SecretStr], [SecretStr("a"), SecretStr("b")])
field("dict_of_SecretStr", dict[str, SecretStr], {"a": SecretStr("b")})
field("SecretStr_or_int", Union[SecretStr, int], SecretStr("hush"))
field("ten_asterisks", str, "**********")
field("UUID", UUID, UUID(int=5))
field("UUIDs_as_keys", dict[UUID, int], {UUID(int=5): 1})
field("Path", Path, Path("/tmp/é"))  # noqa: S108
field("HttpUrl", HttpUrl, "http://x/?f[a]=1|2")
field("AnyUrl", AnyUrl, "foo://b/ü d?x={y}")
field("PostgresDsn", PostgresDsn, "postgres://a:b@c/d")
field("email", pydantic.EmailStr, "ada@bücher.example")
if not pydantic.VERSION.startswith("2.6."):  # whose NameEmail reads no JSON at all
    field("quoted_email", pydantic.NameEmail, "Ada <ada@example.com>")
field("IPv4Address", IPv4Address, IPv4Address("10.0.0.1"))
field("IPv6Address", IPv6Address, IPv6Address("::1"))
field("IPv6_zone", IPv6Address, IPv6Address("fe80::1%eth0"))
field("IPv4Network", IPv4Network, IPv4Network("10.0.0.0/8"))
field("IPv6Interface", IPv6Interface, IPv6Interface("::1/64"))
field("IPvAnyAddress", IPvAnyAddress, IPv4Address("10.0.0.1"))
field("compiled_pattern", re.Pattern, re.compile("^a+$"))
field("ImportString", ImportString, math.cos)

# Choices

field("IntFlag", Rights, Rights.READ | Rights.WRITE)
field("no_IntFlag", Rights, Rights(0))
field("Flag", Modes, Modes.ON | Modes.FAST)
field("Enum_of_str", Colour, Colour.RED)
field("IntEnum", Level, Level.HIGH)
field("Enum_of_floats", Ratio, Ratio.HALF)
field("Enum_of_None", Ratio, Ratio.NONE)
field("value_of_an_Enum", Colour, Colour.RED, use_enum_values=True)
field("Enums_as_keys", dict[Colour, int], {Colour.RED: 1})
field("IntEnums_as_keys", dict[Level, int], {Level.LOW: 1})
field("Literal", Literal["a", 1, True, None], None)
field("Literal_of_an_Enum", Literal[Colour.RED, "x"], Colour.RED)
field("one_Literal", Literal["a"], "a")
field("Literals_as_keys", dict[Literal["a", "b"], int], {"a": 1})

# Collections

field("list", list[int], [1, 2])
field("list_of_lists", list[list[int]], [[1], []])
field("list_of_a_length", Annotated[list[int], Field(min_length=1, max_length=2)], [1, 2])
field("set", set[int], {1, 2})
field("frozenset", frozenset[str], frozenset("ab"))
field("set_of_a_length", Annotated[set[int], Field(max_length=2)], {1, 2})
field("set_of_mixed", set[Union[int, str]], {1, "1"})
field("tuple", tuple[int, str], (1, "a"))
field("tuple_of_any_length", tuple[int, ...], (1, 2))
field("empty_tuple", tuple[()], ())
field("deque", collections.deque[int], collections.deque([1]))
field("Sequence", typing.Sequence[int], [1, 2])
field("Mapping", typing.Mapping[str, int], {"a": 1})
field("OrderedDict", collections.OrderedDict[str, int], collections.OrderedDict(b=1, a=2))
field("Counter", collections.Counter[str], collections.Counter("aab"))
field("dict_by_int", dict[int, str], {1: "a", -5: "b"})
field("dict_by_float", dict[float, str], {1.5: "a"})
field("dict_by_bool", dict[bool, str], {True: "a"})
field("dict_by_tuple", dict[str, tuple[int, int]], {"a": (1, 2)})
field("dict_of_a_length", Annotated[dict[str, int], Field(min_length=1)], {"a": 1})
field("odd_keys", dict[str, int], {"a~/b": 1, "": 2, ".$": 3, "é": 4, "\x00": 5})
field("Any", Any, {"a": [1, None, "x"]})
field("JsonValue", JsonValue, {"a": [1, None, {"b": True}]})
field("Json", Json[list[int]], "[1,2]")
field("any_Json", Json, '{"a":1}')
field("Json_of_dates", Json[list[date]], '["2024-01-01"]')
field("optional", Optional[int], None)
field("None", type(None), None)
field("SkipValidation", Annotated[int, SkipValidation], 5)
