"""What the application gives as a model ends up in the session exactly so; a dict is a patch."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, SecretStr
from support.servers import Process
from support.visitor import Visitor

from redis_session_client import Conflict, Invalid
from redis_session_client.fastapi import MemoryBackend, SessionManager


class Opt(BaseModel):
    limit: int | None = 5
    theme: str = "light"


class Person(BaseModel):
    name: str
    nick: str | None
    made: int = Field(default_factory=iter(range(1000)).__next__)


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "x"


class Inner(BaseModel):
    a: int | None = None
    b: int = 1


class Outer(BaseModel):
    inner: Inner = Field(default_factory=Inner)
    other: int = 0


@pytest.fixture
async def visitor(server: Process, prefix: str) -> AsyncIterator[Visitor]:
    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    for model in (Opt, Person, Closed, Outer):
        manager.visit(model)
    await manager.start()
    yield Visitor(manager)
    await manager.backend.close()


async def text(visitor: Visitor) -> Any:
    return json.loads((await visitor.session()).text)


async def test_none_of_a_model_is_stored_over_an_anonymous_session(visitor: Visitor) -> None:
    await (await visitor.visit(Opt)).start({"theme": "dark"})
    assert await text(visitor) == {"limit": 5, "theme": "dark"}
    await (await visitor.visit(Opt)).login("ada", Opt(limit=None))
    assert await text(visitor) == {"limit": None, "theme": "light"}


async def test_a_second_login_of_the_same_model_works(visitor: Visitor) -> None:
    for name in ("ada", "Ada"):
        person = Person(name=name, nick=None)
        await (await visitor.visit(Person)).login("ada", person)
        assert await visitor.read(Person) == person


async def test_what_a_model_ignores_stays_at_a_login(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"cart": [7], "name": "visitor"})
    await (await visitor.visit()).login("ada", Person(name="ada", nick=None, made=1))
    assert await text(visitor) == {"cart": [7], "name": "ada", "nick": None, "made": 1}


async def test_what_a_model_forbids_goes_at_a_login(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"cart": [7]})
    await (await visitor.visit(Closed)).login("ada", Closed())
    assert await text(visitor) == {"name": "x"}


async def test_data_that_is_no_object_is_replaced(visitor: Visitor) -> None:
    await (await visitor.visit()).start(RootModel[list[int]]([1]))
    await (await visitor.visit(Opt)).login("ada", Opt())
    assert await text(visitor) == {"limit": 5, "theme": "light"}


async def test_a_model_without_a_guard_of_its_own_is_written_whole(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"limit": 3})
    await (await visitor.visit()).login("ada", Opt(limit=None))
    assert await text(visitor) == {"limit": None, "theme": "light"}


async def test_a_dict_is_a_merge_patch_at_a_login(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"cart": [7], "gone": 1, "deep": {"a": 1, "b": 2}})
    await (await visitor.visit()).login("ada", {"gone": None, "deep": {"a": None}, "name": "ada"})
    assert await text(visitor) == {"cart": [7], "deep": {"b": 2}, "name": "ada"}


async def test_a_login_by_a_dict_without_a_session_is_completed(visitor: Visitor) -> None:
    await (await visitor.visit(Opt)).login("ada", {"theme": None, "cart": [1]})
    assert await text(visitor) == {"limit": 5, "theme": "light", "cart": [1]}
    await (await visitor.visit(Opt)).login("eve")
    assert await text(visitor) == {"limit": 5, "theme": "light"}


async def test_none_in_new_data_is_null(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"a": None, "b": {"c": None}})
    assert await text(visitor) == {"a": None, "b": {"c": None}}
    await (await visitor.visit(Opt)).start({"limit": None})
    assert await text(visitor) == {"limit": None, "theme": "light"}


async def test_a_first_save_of_a_dict_is_a_patch(visitor: Visitor) -> None:
    await (await visitor.visit()).save({"a": None, "b": 1})
    assert await text(visitor) == {"b": 1}


async def test_save_writes_all_of_a_model(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"limit": 1, "cart": [7]})
    visit = await visitor.visit()
    assert await visit.save(Opt(theme="dark"))
    assert await text(visitor) == {"limit": 5, "theme": "dark", "cart": [7]}


async def test_save_after_a_start_in_the_same_request_writes_all_of_a_model(
    visitor: Visitor,
) -> None:
    visit = await visitor.visit(Opt)
    await visit.start({"cart": [1]})
    assert await visit.save(Opt(limit=None))
    assert await text(visitor) == {"limit": None, "theme": "light", "cart": [1]}


async def test_a_patch_writes_the_fields_that_were_set_each_as_a_whole(visitor: Visitor) -> None:
    await (await visitor.visit(Outer)).start(Outer(inner=Inner(a=3, b=2), other=7))
    session = await visitor.session(Outer)
    assert await session.patch(Outer(inner=Inner()))
    assert await text(visitor) == {"inner": {"a": None, "b": 1}, "other": 7}
    assert await session.patch(Outer())
    assert await text(visitor) == {"inner": {"a": None, "b": 1}, "other": 7}


async def test_a_patch_of_a_model_can_store_null(visitor: Visitor) -> None:
    await (await visitor.visit(Opt)).start({})
    assert await (await visitor.session(Opt)).patch(Opt(limit=None))
    assert await text(visitor) == {"limit": None, "theme": "light"}


async def test_a_replacement_is_exactly_the_model(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"cart": [7]})
    session = await visitor.session()
    assert await session.replace(Opt(limit=None))
    assert await text(visitor) == {"limit": None, "theme": "light"}
    with pytest.raises(Conflict):
        await session.replace(Opt(), if_version=1)


async def test_a_stale_name_of_a_field_is_not_read(visitor: Visitor) -> None:
    class Choice(BaseModel):
        x: int = Field(validation_alias=AliasChoices("new", "old"))

    await (await visitor.visit()).start({"old": 1})
    visit = await visitor.visit(Choice)
    await visitor.manager.start()
    await visit.login("ada", Choice(old=2))
    assert (await visitor.read(Choice)).x == 2


async def test_members_with_odd_names_are_written_whole(visitor: Visitor) -> None:
    class Odd(BaseModel):
        a: int | None = Field(alias="c~/.$")
        b: int = Field(alias="")

    await (await visitor.visit()).start({"c~/.$": 1, "": 2, "~": 3})
    visit = await visitor.visit(Odd)
    await visitor.manager.start()
    await visit.login("ada", Odd.model_validate({"c~/.$": None, "": 5}))
    assert await text(visitor) == {"c~/.$": None, "": 5, "~": 3}


class Seen(BaseModel):
    at: datetime
    price: Decimal = Decimal(0)
    tags: set[str] = set()
    prefs: Opt = Opt()


SEEN = {"at": datetime(2024, 1, 1), "price": Decimal("1.50"), "tags": {"a"}}


async def test_objects_in_a_dict_are_written_as_the_model_writes_them(visitor: Visitor) -> None:
    await visitor.visit(Seen)
    await visitor.manager.start()
    for _ in range(2):
        await (await visitor.visit(Seen)).login("ada", SEEN)
        assert await visitor.read(Seen) == Seen(**SEEN)
    assert await (await visitor.session(Seen)).patch({"at": datetime.max})
    assert (await visitor.read(Seen)).at == datetime.max
    assert await (await visitor.session(Seen)).patch(
        [{"op": "add", "path": "/prefs", "value": Opt(limit=None)}]
    )
    assert (await visitor.read(Seen)).prefs.limit is None
    assert await (await visitor.session(Seen)).replace({**SEEN, "prefs": Opt(limit=3)})
    assert (await visitor.read(Seen)).prefs.limit == 3
    await (await visitor.visit(Seen)).start({**SEEN, "prefs": Opt(limit=None)})
    assert (await visitor.read(Seen)).prefs.limit is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (SecretStr("hush"), "get_secret_value"),
        ([SecretStr("hush")], "get_secret_value"),
        (object(), "a object has no JSON form"),
        (Opt(), "a model inside a dict would lose its None"),
    ],
)
async def test_what_has_no_json_form_is_a_type_error(
    visitor: Visitor, value: Any, reason: str
) -> None:
    await (await visitor.visit()).start({})
    session, visit = await visitor.session(), await visitor.visit()
    with pytest.raises(TypeError, match=reason):
        await session.patch({"x": value})
    with pytest.raises(TypeError, match=reason):
        await visit.save({"x": value})
    with pytest.raises(TypeError, match=reason):
        await visit.login("ada", {"x": value})
    assert await text(visitor) == {}


async def test_data_that_the_model_refuses_is_refused_by_the_server(visitor: Visitor) -> None:
    with pytest.raises(Invalid, match="required"):
        await (await visitor.visit(Person)).login("ada", {"name": "ada"})
    with pytest.raises(Invalid, match="/limit"):
        await (await visitor.visit(Opt)).start({"limit": "x"})


@pytest.mark.parametrize("changes", [[], "text", 5, [{"op": "add", "path": "/a", "value": 1}]])
async def test_a_login_adds_a_dict_or_a_model(visitor: Visitor, changes: Any) -> None:
    with pytest.raises(TypeError, match="a dict or a model"):
        await (await visitor.visit()).login("ada", changes)


async def test_models_are_written_in_memory_without_jsonpatch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jsonpatch", None)
    visitor = Visitor(SessionManager(MemoryBackend(), insecure=True))
    await (await visitor.visit()).start({"cart": [7], "limit": 1})
    await (await visitor.visit(Opt)).login("ada", Opt(limit=None))
    assert await text(visitor) == {"cart": [7], "limit": None, "theme": "light"}
    assert await (await visitor.session(Opt)).patch(Opt(theme="dark"))
    await (await visitor.visit(Closed)).login("ada", Closed())
    assert await text(visitor) == {"name": "x"}
