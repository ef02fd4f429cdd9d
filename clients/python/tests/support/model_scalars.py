"""Strategies for types of fields without parts, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntFlag
from ipaddress import IPv4Address, IPv6Address
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from hypothesis import strategies as st
from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretBytes,
    SecretStr,
    WrapSerializer,
)


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
    r"^\w+$": "[a-z0-9_é٣]{1,5}",
    r"^\d{2}$": "[0-9٣]{2}",
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
        Annotated[int, PlainSerializer(lambda v: f"<{v}>"), BeforeValidator(lambda v: _unwrap(v))],
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


def _unwrap(value: Any) -> Any:
    return int(value[1:-1]) if isinstance(value, str) and value[:1] == "<" else value


SCALARS = st.one_of(_ints(), _floats(), _texts(), st.sampled_from(FIXED))
