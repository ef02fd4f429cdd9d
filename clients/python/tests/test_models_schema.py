"""The schema of a model says what JSON Schema can say in the same sense as Pydantic."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    create_model,
)
from support.servers import Process

from redis_session_client import BadSchema, Invalid, Sessions
from redis_session_client._json import Raw
from redis_session_client.fastapi import RedisBackend, schema_of
from redis_session_client.fastapi.models.patterns import server_pattern


def schema(annotation: Any, **config: Any) -> Any:
    """The schema of a field of this type."""
    settings: Any = ConfigDict(**config)
    model = create_model("One", __config__=settings, x=(annotation, ...))
    return json.loads(schema_of(model)[1])["properties"]["x"]


def test_constraints_are_the_servers_too() -> None:
    assert schema(Annotated[int, Field(ge=1, lt=9)]) == {
        "type": "integer",
        "minimum": 1,
        "exclusiveMaximum": 9,
    }
    assert schema(Annotated[str, Field(min_length=1, max_length=9, pattern="^a")]) == {
        "type": "string",
        "minLength": 1,
        "maxLength": 9,
        "pattern": "^a",
    }
    assert schema(Annotated[list[bool], Field(min_length=1)]) == {
        "type": "array",
        "minItems": 1,
        "items": {"type": "boolean"},
    }
    assert schema(Literal["a", 1]) == {"enum": ["a", 1]}
    assert schema(Optional[date]) == {
        "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]
    }
    assert schema(dict[Annotated[str, Field(max_length=3)], int]) == {
        "type": "object",
        "propertyNames": {"type": "string", "maxLength": 3},
        "additionalProperties": {"type": "integer"},
    }


def test_what_differs_is_left_to_the_model() -> None:
    assert schema(datetime) == {"type": "string"}
    assert schema(Annotated[str, Field(pattern=r"^\w+$")]) == {"type": "string"}
    assert schema(Annotated[int, Field(gt=2**60)]) == {"type": "integer"}
    assert schema(Annotated[float, Field(lt=math.inf)], allow_inf_nan=False) == {"type": "number"}
    assert schema(Enum("Odd", {"A": 2.5, "B": "x"})) == {}
    assert schema(Any) == {}


def test_a_validator_after_a_constraint_keeps_it() -> None:
    even = AfterValidator(lambda number: number)
    positive = {"type": "integer", "exclusiveMinimum": 0}
    assert schema(Annotated[int, Field(gt=0), even]) == positive
    assert schema(Annotated[int, Field(gt=0), BeforeValidator(int)]) == positive
    # One of them can make what the constraint refuses, and the other turn it back.
    assert schema(Annotated[int, Field(gt=0), even, BeforeValidator(int)]) == {}


def test_defaults_titles_and_examples_are_left_out() -> None:
    """So the name of a schema changes only with what the server checks."""

    class First(BaseModel):
        x: int = 1

    class Second(BaseModel):
        """A documented model."""

        x: int = Field(2, title="X", description="a number", examples=[math.inf])

    assert (
        schema_of(First)[1]
        == schema_of(Second)[1]
        == ('{"properties":{"x":{"type":"integer"}},"type":"object"}')
    )


def test_the_text_of_a_schema_is_always_the_same() -> None:
    class Node(BaseModel):
        kids: list[Node] = []
        other: Node | int | None = None

    name = schema_of(Node)[0]
    model = create_model("Node", kids=(list["Node"], []), other=(Union["Node", int, None], None))
    model.model_rebuild(_types_namespace={"Node": model})
    assert schema_of(model)[0] == name


PATTERNS = {
    "^[a-z]+$": "^[a-z]+$",
    r"\A[a-z]\Z": "^[a-z]$",
    "^.$": r"^[^\n]$",
    r"^\.\-\/$": r"^\.\-\/$",
    "^(?:a|b){2,3}?$": "^(?:a|b){2,3}?$",
    "^[A-Za-z0-9._%+-]+@[a-z.-]{1,255}$": "^[A-Za-z0-9._%+-]+@[a-z.-]{1,255}$",
}
LEFT_OUT = [
    r"\d",
    r"\w",
    r"[\s]",
    r"\bx",
    r"(?i)a",
    r"(?=a)",
    r"(?<!a)b",
    r"(a)\1",
    r"(?P<n>a)",
    r"[[:alpha:]]",
    r"[a&&b]",
    r"[a~~b]",
    r"[]a]",
    r"\p{L}",
    r"a{,3}",
    r"a{3",
    r"a**",
    r"a*+",
    r"(?>a)",
    r"(a",
    r"a)",
    r"*a",
    r"^*",
    r"\Q",
    r"\<a",
    "^" + "a?" * 600,
    r"(a{1000}){1000}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_one_meaning_is_kept(pattern: str, raw: Any) -> None:
    assert server_pattern(pattern) == PATTERNS[pattern]
    Sessions(raw).schema_set("pattern", {"pattern": server_pattern(pattern)})


@pytest.mark.parametrize("pattern", LEFT_OUT)
def test_a_pattern_of_another_dialect_is_left_out(pattern: str) -> None:
    assert server_pattern(pattern) is None


def test_patterns_of_python() -> None:
    assert server_pattern("^a$", python=True) == "^a\\n?$"
    assert server_pattern("^a$|b", python=True) is None
    assert server_pattern(re.compile("^a$")) == "^a\\n?$"
    assert server_pattern(re.compile("^a$", re.IGNORECASE)) is None
    assert server_pattern(re.compile(b"^a$")) is None


PIECES = ["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(?:ab)", r"\.", "é", " ", "^", "$", r"\n", "-"]
COUNTS = ["", "*", "+", "?", "{2}", "{1,}", "{0,2}", "+?"]
TEXTS = st.text("ab.é -\n\r\u2028", max_size=6)


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(COUNTS)), max_size=5),
    st.lists(TEXTS, min_size=4, max_size=4),
)
def test_a_kept_pattern_matches_as_pydantics(
    raw: Any, parts: list[tuple[str, str]], texts: list[str]
) -> None:
    pattern = "".join(piece + (count if piece not in "^$" else "") for piece, count in parts)
    kept = server_pattern(pattern)
    assert kept is not None
    model = create_model("One", x=(Annotated[str, Field(pattern=pattern)], ...))
    sessions = Sessions(raw)
    sessions.schema_set("pattern", {"properties": {"x": {"pattern": kept}}})
    for text in texts:
        data = json.dumps({"x": text})
        assert _accepts(model, data) == _checked(sessions, data), (kept, text)


def _accepts(model: type[BaseModel], data: str) -> bool:
    try:
        model.model_validate_json(data)
    except ValueError:
        return False
    return True


def _checked(sessions: Sessions, data: str) -> bool:
    try:
        sessions.schema_check("pattern", Raw(data))
    except Invalid:
        return False
    return True


def wide(depth: int) -> type[BaseModel]:
    """A model whose fields are two unions of models, down to the depth."""
    model = create_model("Leaf", x=(int, 1))
    for level in range(depth):
        model = create_model(
            f"Level{level}", a=(Union[model, int, None], None), b=(Union[str, model, None], None)
        )
    return model


FIELDS = {f"field{n}": (Annotated[str, Field(max_length=n)], "") for n in range(2000)}


@pytest.mark.parametrize(
    "model",
    [
        wide(9),
        create_model(
            "Many", **{f"field{n}": (Annotated[str, Field(max_length=n)], "") for n in range(2000)}
        ),
        create_model("Words", x=(Literal[tuple(f"a word {n}" for n in range(9000))], ...)),
        create_model("Choices", x=(Union[tuple(Literal[f"w{n}"] for n in range(300))], ...)),
    ],
    ids=["wide", "many fields", "a long Literal", "a long Union"],
)
def test_a_schema_that_the_server_would_refuse_is_made_simpler(
    model: type[BaseModel], raw: Any
) -> None:
    name, text = schema_of(model)
    Sessions(raw).schema_set(name, Raw(text), assert_format=True)
    assert len(text.encode()) < 65_536


def test_aliases_that_refer_to_themselves() -> None:
    assert "$defs" in schema_of(create_model("Tree", x=(JsonValue, None)))[1]


async def test_a_schema_that_the_server_refuses_is_named(server: Process, prefix: str) -> None:
    backend = RedisBackend(server.url, prefix=prefix)
    with pytest.raises(BadSchema, match=r"^Broken@1: .*not valid at /type"):
        await backend.register_schemas({"Broken@1": '{"type":5}'})
    await backend.close()


def test_a_long_name_is_cut(raw: Any) -> None:
    model = create_model("\u00e9" * 200, x=(int, 1))
    name, text = schema_of(model)
    assert len(name.encode()) <= 255
    Sessions(raw).schema_set(name, Raw(text), assert_format=True)
