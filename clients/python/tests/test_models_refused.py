"""A model that does not read what it writes is refused where it is written, and never later."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Optional

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretBytes,
    SecretStr,
    create_model,
)
from pydantic.dataclasses import dataclass

from redis_session_client.fastapi import SessionManager, schema_of
from redis_session_client.fastapi.models.stored import stored


class OnlyPath(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))


class Hidden(BaseModel):
    token: str = Field(exclude=True)


@dataclass
class Initial:
    a: dataclasses.InitVar[int]


class HoldsInitial(BaseModel):
    x: Initial


class Twice(BaseModel):
    a: int = Field(alias="x")
    b: int = Field(alias="x")


class Shadowed(BaseModel):
    a: list[int]
    b: int = Field(validation_alias=AliasChoices(AliasPath("a", 0), "b"))


class Implicit(BaseModel):
    name: str = None


class ImplicitModel(BaseModel):
    twice: Hidden = Field(None)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (OnlyPath, "'city' is read only from inside another member"),
        (Hidden, "'token' is not written"),
        (HoldsInitial, "'a' is not written"),
        (Twice, "two fields are stored as 'x'"),
        (Shadowed, "'b' would be read from the member 'a'"),
        (Implicit, "'name' has the default None"),
    ],
)
def test_a_guard_refuses_the_model(model: type[BaseModel], reason: str) -> None:
    with pytest.raises(TypeError, match=reason) as error:
        SessionManager(insecure=True).required(model)
    assert str(error.value).isascii()
    nested = create_model("Nested", inner=(Optional[list[model]], None))
    with pytest.raises(TypeError, match=reason):
        schema_of(nested)


def test_a_model_that_is_not_complete_is_refused() -> None:
    model = create_model("Undefined", x=("Nowhere", ...))
    with pytest.raises(TypeError, match="Undefined is not complete"):
        schema_of(model)


def test_a_default_that_a_validator_reads_is_allowed() -> None:
    empty = BeforeValidator(lambda value: value or "")
    model = create_model("Read", name=(Annotated[str, empty], None))
    assert stored(model).dumps(model()) == '{"name":null}'


class OneWay(BaseModel):
    at: Annotated[int, PlainSerializer(lambda value: f"number {value}")]


class StrictFloat(BaseModel):
    model_config = ConfigDict(strict=True)
    x: float


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: Any = None


def test_an_instance_that_would_not_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"OneWay does not read what it writes, at \[\('at',\)\]"):
        stored(OneWay).dumps(OneWay(at=5))
    assert stored(StrictFloat).dumps(StrictFloat(x=1.5)) == '{"x":1.5}'
    with pytest.raises(ValueError, match="StrictFloat does not read"):
        stored(StrictFloat).dumps(StrictFloat(x=float("inf")))


@pytest.mark.parametrize(
    "instance",
    [
        Anything(x=SecretStr("hush")),
        Anything(x=[{"a": SecretStr("hush")}]),
        Anything(y=SecretStr("hush")),
        Anything(x=SecretBytes(b"hush")),
    ],
)
def test_a_secret_is_never_stored_as_asterisks(instance: BaseModel) -> None:
    with pytest.raises(ValueError, match="Secret") as error:
        stored(Anything).dumps(instance)
    assert "hush" not in str(error.value)


def test_ten_asterisks_are_a_text_like_others() -> None:
    assert stored(Anything).dumps(Anything(x="**********")) == '{"x":"**********"}'


def test_an_object_without_a_json_form_is_refused() -> None:
    with pytest.raises(ValueError, match="Unable to serialize"):
        stored(Anything).dumps(Anything(x=object()))
    raw = create_model("Raw", x=(bytes, ...))
    with pytest.raises(ValueError, match="utf-8"):
        stored(raw).dumps(raw(x=b"\xff"))
