"""With `principal`, a write that changes the user is a login: the session gets a new ID."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel
from support.servers import Process
from support.visitor import Visitor

from redis_session_client.fastapi import SessionManager


class Account(BaseModel):
    user_id: int | None = None
    cart: list[int] = []


@pytest.fixture
async def visitor(server: Process, prefix: str) -> AsyncIterator[Visitor]:
    manager = SessionManager(server.url, prefix=prefix, insecure=True, principal="user_id")
    manager.visit(Account)
    await manager.start()
    yield Visitor(manager)
    await manager.backend.close()


async def state(visitor: Visitor) -> tuple[str | None, Any]:
    session = await visitor.session()
    return session.user, session.data


BY_PATCH: list[Any] = [
    {"user_id": 42},
    {"user_id": "42"},
    [{"op": "add", "path": "/user_id", "value": 42}],
    [{"op": "replace", "path": "", "value": {"user_id": 42, "cart": [7]}}],
    Account(user_id=42),
]


@pytest.mark.parametrize("changes", BY_PATCH)
async def test_a_patch_that_names_a_user_is_a_login(visitor: Visitor, changes: Any) -> None:
    await (await visitor.visit()).start({"cart": [7]})
    before = (await visitor.session()).info
    old = visitor.cookie
    assert await (await visitor.session()).patch(changes)
    session = await visitor.session()
    assert session.user == "42"
    assert session.data["cart"] == [7]
    assert session.info.authenticated is not None
    assert session.info.created == before.created
    assert visitor.cookie != old
    assert await visitor.manager.backend.verify(old or "") is None


async def test_a_save_and_a_start_that_name_a_user_are_logins(visitor: Visitor) -> None:
    assert await (await visitor.visit()).save({"user_id": "ada"})
    assert await state(visitor) == ("ada", {"user_id": "ada"})
    await (await visitor.visit(Account)).start(Account(user_id=5))
    assert await state(visitor) == ("5", {"user_id": 5, "cart": []})


async def test_a_replacement_that_names_a_user_is_a_login(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"cart": [7]})
    old = visitor.cookie
    assert await (await visitor.session()).replace({"user_id": "ada"})
    assert await state(visitor) == ("ada", {"user_id": "ada"})
    assert visitor.cookie != old


async def test_the_same_user_is_no_login(visitor: Visitor) -> None:
    await (await visitor.visit()).login("42", {"user_id": 42})
    await visitor.session()
    old = visitor.cookie
    session = await visitor.session()
    assert await session.patch({"user_id": 42, "x": 1})
    assert await session.patch({"x": 2})
    assert await session.replace({"user_id": "42"})
    await visitor.session()
    assert visitor.cookie == old


async def test_another_user_inherits_nothing(visitor: Visitor) -> None:
    await (await visitor.visit()).login("ada", {"user_id": "ada", "cart": [7]})
    assert await (await visitor.session()).patch({"user_id": "eve"})
    assert await state(visitor) == ("eve", {"user_id": "eve"})


@pytest.mark.parametrize("changes", [{"user_id": None}, [{"op": "remove", "path": "/user_id"}]])
async def test_nobody_inherits_nothing_either(visitor: Visitor, changes: Any) -> None:
    await (await visitor.visit()).start({"user_id": "ada", "cart": [7]})
    old = await visitor.session()
    assert await old.patch(changes)
    user, data = await state(visitor)
    assert user is None
    assert "cart" not in data


async def test_a_session_that_has_ended_is_not_brought_back(visitor: Visitor) -> None:
    await (await visitor.visit()).start({})
    session = await visitor.session()
    await visitor.manager.backend.end(visitor.cookie or "")
    assert not await session.patch({"user_id": "ada"})
    await (await visitor.visit()).start({"user_id": "ada"})
    session = await visitor.session()
    await visitor.manager.backend.end(visitor.cookie or "")
    assert not await session.patch({"user_id": None})
    assert not await session.replace({})


async def test_what_cannot_be_a_user_is_refused_where_it_is_written(visitor: Visitor) -> None:
    await (await visitor.visit()).start({"a": "x"})
    session = await visitor.session()
    values: list[Any] = [True, 1.5, [], {}]
    for value in values:
        with pytest.raises(TypeError, match="the principal is a str"):
            await session.patch({"user_id": value})
    with pytest.raises(ValueError, match="1 to 255 bytes"):
        await session.patch({"user_id": ""})
    with pytest.raises(ValueError, match="may not move or copy"):
        await session.patch([{"op": "move", "from": "/a", "path": "/user_id"}])
    with pytest.raises(ValueError, match="if_version does not go with"):
        await session.patch({"user_id": "ada"}, if_version=1)
    assert (await visitor.session()).user is None


def test_the_principal_is_the_name_of_a_member() -> None:
    principal: Any = 5
    with pytest.raises(TypeError, match="the name of a member"):
        SessionManager(insecure=True, principal=principal)
