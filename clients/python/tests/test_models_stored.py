"""A model is stored by a login and read back equal, whatever its types, names and settings are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel
from support.model_fields import FIELDS
from support.model_nesting import NESTED
from support.model_shapes import SHAPES
from support.servers import Process
from support.visitor import Visitor

from redis_session_client.fastapi import SessionManager

CASES = {**FIELDS, **SHAPES, **NESTED}


@pytest.fixture
async def visitor(server: Process, prefix: str) -> AsyncIterator[Visitor]:
    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    yield Visitor(manager)
    await manager.backend.close()


def plain(value: BaseModel) -> Any:
    """What an instance holds, in a form that compares as the values do."""
    return {name: getattr(value, name) for name in type(value).model_fields}


@pytest.mark.filterwarnings("default::UserWarning")  # of values that a serializer did not expect
@pytest.mark.parametrize("name", CASES)
async def test_a_model_is_read_as_it_was_written(visitor: Visitor, name: str) -> None:
    instance = CASES[name]()
    model = type(instance)
    wanted = plain(instance)

    # A login of a visitor without a session creates one.
    visit = await visitor.visit(model)
    await visitor.manager.start()
    await visit.login("ada", instance)
    assert plain(await visitor.read(model)) == wanted

    # The present data may be replaced, and patched by all fields that were set.
    session = await visitor.session(model)
    assert await session.replace(instance)
    assert plain(await visitor.read(model)) == wanted
    assert await (await visitor.session(model)).patch(instance)
    assert plain(await visitor.read(model)) == wanted
    assert await (await visitor.visit(model)).save(instance)
    assert plain(await visitor.read(model)) == wanted
    await (await visitor.visit()).logout()

    # A login of a visitor with a session without a user rotates it, and writes all of the model.
    await (await visitor.visit()).start({"x": None, "cart": 1, "limit": 5})
    await (await visitor.visit(model)).login("ada", instance)
    assert plain(await visitor.read(model)) == wanted
    await (await visitor.visit(model)).login("ada", instance)
    assert plain(await visitor.read(model)) == wanted
