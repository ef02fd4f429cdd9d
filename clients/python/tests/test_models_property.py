"""Whatever a model is, what it accepts is stored and read back, and what JSON Schema can say of it
is refused by the server.

Hypothesis makes the models. MODEL_EXAMPLES says how many (default 60); 3000 take some minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from support.model_kinds import MODELS, ROOTS, Model
from support.servers import Process
from support.visitor import Visitor

from redis_session_client import Invalid
from redis_session_client._json import Raw
from redis_session_client.fastapi import RedisBackend, SessionManager
from redis_session_client.fastapi.models.stored import stored

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "60"))
LIMITS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 100,
    database=None,
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.filterwarnings("default")

SAYABLE = {
    "missing",
    "extra_forbidden",
    "string_type",
    "int_type",
    "int_parsing",
    "int_from_float",
    "float_type",
    "float_parsing",
    "finite_number",
    "bool_type",
    "bool_parsing",
    "list_type",
    "set_type",
    "tuple_type",
    "dict_type",
    "model_type",
    "none_required",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "multiple_of",
    "literal_error",
    "enum",
    "string_too_short",
    "string_too_long",
    "string_pattern_mismatch",
    "too_short",
    "too_long",
    "uuid_type",
    "uuid_parsing",
}
"""Kinds of Pydantic's errors that JSON Schema can say, in models whose kinds are clear."""


class Site:
    """An application's sessions in this process, in one event loop."""

    def __init__(self, url: str, prefix: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager = SessionManager(RedisBackend(url, prefix=prefix), insecure=True)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def check(self, name: str, text: str) -> bool:
        """Whether the server's schema accepts the data."""
        backend: Any = self.manager.backend
        try:
            await backend.commands.schema_check(name, Raw(text))
        except Invalid:
            return False
        return True


@pytest.fixture(scope="module")
def site(server: Process) -> Iterator[Site]:
    site = Site(server.url, "property:")
    yield site
    site.run(site.manager.backend.close())
    site.loop.close()


async def stored_and_read(site: Site, instance: BaseModel, other: BaseModel) -> None:
    model = type(instance)
    visitor = Visitor(site.manager)
    visit = await visitor.visit(model)
    await site.manager.start()
    await visit.login("ada", instance)
    assert await visitor.read(model) == instance
    assert await (await visitor.session(model)).replace(other)
    assert await visitor.read(model) == other
    assert await (await visitor.visit(model)).save(instance)
    assert await visitor.read(model) == instance
    before = await visitor.session(model)
    assert await before.patch(other)
    after = await visitor.read(model)
    for name in model.model_fields:
        wanted = other if name in other.model_fields_set else instance
        assert getattr(after, name) == getattr(wanted, name)
    await (await visitor.visit(model)).logout()
    await (await visitor.visit()).start({"a": None, "cart": [1]})
    await (await visitor.visit(model)).login("ada", other)
    assert await visitor.read(model) == other
    await (await visitor.visit(model)).logout()


@LIMITS
@given(st.data())
def test_what_a_model_accepts_is_stored_and_read_back(site: Site, data: st.DataObject) -> None:
    model: Model = data.draw(st.one_of(MODELS, ROOTS))
    instance, other = data.draw(model.instances), data.draw(model.instances)
    note(stored(model.type).text)
    note(stored(model.type).dumps(instance))
    assume(sum(len(stored(model.type).dumps(each)) for each in (instance, other)) < 20_000)
    site.run(stored_and_read(site, instance, other))


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.just([]),
    st.just({}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, part in inner:
        yield from places(part, (*path, step))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one, or with nothing, at the path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


@LIMITS
@given(st.data())
def test_the_server_refuses_what_json_schema_can_say(site: Site, data: st.DataObject) -> None:
    model: Model = data.draw(MODELS)
    form = stored(model.type)
    site.run(site.manager.backend.register_schemas({form.name: form.text}))
    value = json.loads(form.dumps(data.draw(model.instances)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(value))))
        new = data.draw(st.one_of(ATOMS, st.just(...)) if path else ATOMS)
        value = changed(value, path, new)
        if isinstance(value, dict) and data.draw(st.booleans()):
            value["another"] = 1
    text = json.dumps(value)
    note(form.text)
    note(text)
    try:
        instance = model.type.model_validate_json(text)
    except ValidationError as error:
        kinds = {each["type"] for each in error.errors(include_input=False, include_url=False)}
        if model.clear and kinds <= SAYABLE:
            assert not site.run(site.check(form.name, text)), kinds
    else:
        assert site.run(site.check(form.name, form.dumps(instance)))
