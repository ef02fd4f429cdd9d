"""Two versions of an application, with two versions of a model, side by side over one Redis."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import Body, Depends, FastAPI
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, create_model
from support.servers import Process
from support.web import client, served

from redis_session_client import AsyncSessions
from redis_session_client.fastapi import LiveSession, SessionManager, Visit, schema_of


def application(manager: SessionManager, model: type[BaseModel]) -> FastAPI:
    """An application with every kind of write."""
    app = FastAPI()
    manager.install(app)
    needed, visited = Depends(manager.required(model)), Depends(manager.visit(model))

    async def read(session: Annotated[LiveSession[Any], needed]) -> Any:
        return {"data": session.data, "schema": session.info.schema}

    async def patch(
        changes: Annotated[Any, Body()], session: Annotated[LiveSession[Any], needed]
    ) -> bool:
        return await session.patch(changes)

    async def patch_model(changes: model, session: Annotated[LiveSession[Any], needed]) -> bool:  # type: ignore[valid-type]
        return await session.patch(changes)

    async def replace(data: dict[str, Any], session: Annotated[LiveSession[Any], needed]) -> bool:
        return await session.replace(data)

    async def rotate(session: Annotated[LiveSession[Any], needed]) -> bool:
        return await session.rotate(grace=None)

    async def pop(pointer: str, session: Annotated[LiveSession[Any], needed]) -> Any:
        return await session.pop(pointer)

    async def login(data: model, visit: Annotated[Visit, visited]) -> None:  # type: ignore[valid-type]
        await visit.login("ada", data)

    async def save(changes: dict[str, Any], visit: Annotated[Visit, visited]) -> bool:
        return await visit.save(changes)

    app.get("/read")(read)
    routes: list[Callable[..., Any]] = [patch, patch_model, replace, rotate, pop, login, save]
    for route in routes:
        app.post(f"/{route.__name__}")(route)
    return app


class Sides:
    """The old and the new version, and one browser at both."""

    def __init__(self, stack: ExitStack, server: Process, prefix: str, models: Any) -> None:
        self.schemas = [schema_of(model)[0] for model in models]
        self._cookies = httpx.Cookies()
        self._browsers = []
        for model in models:
            manager = SessionManager(server.url, prefix=prefix, insecure=True)
            url = stack.enter_context(served(application(manager, model)))
            self._browsers.append(stack.enter_context(client(url)))

    def _at(self, side: int, method: str, path: str, body: Any) -> httpx.Response:
        browser = self._browsers[side]
        browser.cookies = httpx.Cookies(self._cookies)
        reply = browser.request(method, path, json=body)
        self._cookies = httpx.Cookies(browser.cookies)
        return reply

    def forget(self) -> None:
        """Makes the browser another one, without a session."""
        self._cookies = httpx.Cookies()

    def old(self, path: str, body: Any = None) -> httpx.Response:
        return self._at(0, "GET" if path == "/read" else "POST", path, body)

    def new(self, path: str, body: Any = None) -> httpx.Response:
        return self._at(1, "GET" if path == "/read" else "POST", path, body)


Begin = Callable[[type[BaseModel], type[BaseModel]], Sides]


@pytest.fixture
def begin(server: Process, prefix: str) -> Iterator[Begin]:
    with ExitStack() as stack:
        yield lambda old, new: Sides(stack, server, prefix, [old, new])


def version(**fields: Any) -> type[BaseModel]:
    """A version of the model Settings."""
    config = fields.pop("config", ConfigDict())
    return create_model("Settings", __config__=config, **fields)


LIGHT = version(theme=(Literal["light", "dark"], "light"), name=(str, Field("", max_length=5)))
AUTO = version(
    theme=(Literal["light", "dark", "auto"], "light"), name=(str, Field("", max_length=50))
)
FORBID = ConfigDict(extra="forbid")


WRITES: list[tuple[str, Any]] = [
    ("/patch", {"theme": "auto"}),
    ("/patch", [{"op": "add", "path": "/theme", "value": "auto"}]),
    ("/patch_model", {"theme": "auto"}),
    ("/replace", {"theme": "auto", "name": "ada"}),
    ("/save", {"theme": "auto"}),
    ("/login", {"theme": "auto"}),
]


@pytest.mark.parametrize(("path", "body"), WRITES, ids=lambda value: str(value)[:20])
def test_a_wider_version_writes_to_sessions_of_the_old_one(
    begin: Begin, path: str, body: Any
) -> None:
    sides = begin(LIGHT, AUTO)
    sides.old("/login", {"theme": "dark"})
    assert sides.old("/read").json()["schema"] == sides.schemas[0]
    reply = sides.new(path, body)
    assert reply.status_code == 200, reply.text
    assert sides.new("/read").json()["data"]["theme"] == "auto"
    assert sides.new("/read").json()["schema"] == sides.schemas[1]
    # The old version cannot read the new value. The session is refused there, and stays live.
    assert sides.old("/read").status_code == 403
    assert sides.new("/patch", {"theme": "light"}).status_code == 200
    assert sides.old("/read").json()["data"]["theme"] == "light"


def test_both_versions_write_by_turns(begin: Begin) -> None:
    sides = begin(LIGHT, AUTO)
    sides.old("/login", {"theme": "dark"})
    for turn in range(3):
        assert sides.new("/patch", {"name": f"n{turn}"}).json() is True
        assert sides.new("/read").json()["schema"] == sides.schemas[1]
        assert sides.old("/patch", {"theme": "light"}).json() is True
        assert sides.old("/read").json()["schema"] == sides.schemas[0]
    assert sides.new("/rotate").json() is True
    assert sides.new("/read").json()["schema"] == sides.schemas[1]
    assert sides.old("/rotate").json() is True
    assert sides.old("/read").json()["data"] == {"theme": "light", "name": "n2"}


def test_an_optional_field_is_added_where_others_are_forbidden(begin: Begin) -> None:
    old = version(name=(str, "x"), config=FORBID)
    new = version(name=(str, "x"), email=(str | None, None), config=FORBID)
    sides = begin(old, new)
    sides.old("/login", {"name": "ada"})
    assert sides.new("/read").json()["data"] == {"name": "ada", "email": None}
    assert sides.new("/patch", {"email": "a@b"}).status_code == 200
    assert sides.new("/read").json()["data"] == {"name": "ada", "email": "a@b"}
    assert sides.old("/read").status_code == 403
    # Without the new member the old version reads it again, and may write.
    assert sides.new("/pop?pointer=/email").json() == {"/email": "a@b"}
    assert sides.old("/patch", {"name": "Ada"}).status_code == 200


def test_a_value_is_popped_from_a_session_of_the_old_version(begin: Begin) -> None:
    sides = begin(version(name=(str, ...), code=(str, ...)), version(name=(str, ...)))
    sides.old("/login", {"name": "ada", "code": "9041"})
    assert sides.new("/pop?pointer=/code").json() == {"/code": "9041"}
    assert sides.new("/read").json()["data"] == {"name": "ada"}


def test_a_session_of_another_model_keeps_its_schema(
    begin: Begin, server: Process, prefix: str
) -> None:
    sides = begin(create_model("Other", name=(str, "x")), AUTO)
    sides.old("/login", {"name": "ada"})
    assert sides.new("/patch", {"theme": "auto"}).status_code == 200
    assert sides.new("/read").json()["schema"] == sides.schemas[0]


# The table "Two versions at the same time" in docs/deploying.md.

NAME = (str, "x")
TABLE: dict[str, tuple[Any, Any, dict[str, Any], int, dict[str, Any], int]] = {
    "a new field with a default": (
        version(name=NAME),
        version(name=NAME, email=(str, "none")),
        {"name": "ada"},
        200,
        {"name": "ada", "email": "a@b"},
        200,
    ),
    "a new field with a default, extra=forbid": (
        version(name=NAME, config=FORBID),
        version(name=NAME, email=(str, "none"), config=FORBID),
        {"name": "ada"},
        200,
        {"name": "ada", "email": "a@b"},
        403,
    ),
    "a new field without a default": (
        version(name=NAME),
        version(name=NAME, email=(str, ...)),
        {"name": "ada"},
        403,
        {"name": "ada", "email": "a@b"},
        200,
    ),
    "a field is removed": (
        version(name=NAME, email=(str, ...)),
        version(name=NAME),
        {"name": "ada", "email": "a@b"},
        200,
        {"name": "ada"},
        403,
    ),
    "a field with a default is removed": (
        version(name=NAME, email=(str, "none")),
        version(name=NAME),
        {"name": "ada", "email": "a@b"},
        200,
        {"name": "ada"},
        200,
    ),
    "a field is removed, extra=forbid": (
        version(name=NAME, email=(str, "none"), config=FORBID),
        version(name=NAME, config=FORBID),
        {"name": "ada", "email": "a@b"},
        403,
        {"name": "ada"},
        200,
    ),
    "a field accepts more": (LIGHT, AUTO, {"theme": "dark"}, 200, {"theme": "auto"}, 403),
    "a field accepts less": (AUTO, LIGHT, {"theme": "auto"}, 403, {"theme": "dark"}, 200),
    "a field gets another name": (
        version(name=(str, ...)),
        version(title=(str, ...)),
        {"name": "ada"},
        403,
        {"title": "ada"},
        403,
    ),
    "a field gets another name, and keeps the old one as an alias": (
        version(name=(str, ...)),
        version(title=(str, Field(validation_alias=AliasChoices("name", "title")))),
        {"name": "ada"},
        200,
        {"title": "ada"},
        200,
    ),
}


@pytest.mark.parametrize("change", TABLE)
def test_each_row_of_the_table_of_versions(begin: Begin, change: str) -> None:
    old, new, old_data, new_reads, new_data, old_reads = TABLE[change]
    sides = begin(old, new)
    assert sides.old("/login", old_data).status_code == 200
    assert sides.new("/read").status_code == new_reads
    assert sides.old("/read").status_code == 200, "a refused session is not ended"
    sides.forget()
    assert sides.new("/login", new_data).status_code == 200
    assert sides.old("/read").status_code == old_reads
    assert sides.new("/read").status_code == 200


async def test_a_session_whose_old_schema_is_gone_can_be_written(
    begin: Begin, asessions: AsyncSessions
) -> None:
    old = version(theme=(Literal["light"], "light"), gone=(int, 1))
    sides = begin(old, AUTO)
    sides.old("/login", {})
    assert sides.new("/patch", {"name": "ada"}).status_code == 200
    assert await asessions.schema_delete(sides.schemas[0])
    assert sides.new("/patch", {"theme": "auto"}).status_code == 200
