"""Two versions of an application with two versions of a model, on one server."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import redis
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from support.servers import Process
from support.web import client, get, served

from redis_session_client import Sessions
from redis_session_client.fastapi import LiveSession, SessionManager, Visit, schema_of


def application(manager: SessionManager, model: type[BaseModel]) -> FastAPI:
    app = FastAPI()
    manager.install(app)

    async def login(
        data: dict[str, Any], visit: Annotated[Visit[Any], Depends(manager.visit(model))]
    ) -> str:
        return await visit.login("ada", data)

    async def read(
        session: Annotated[LiveSession[Any], Depends(manager.required(model))],
    ) -> Any:
        return session.data

    app.post("/login")(login)
    app.get("/read")(read)
    return app


def first() -> type[BaseModel]:
    class Profile(BaseModel):
        name: str = "x"

    return Profile


def second() -> type[BaseModel]:
    class Profile(BaseModel):
        name: str = "x"
        email: str = Field(pattern="@")

    return Profile


@pytest.fixture
def old_site(server: Process, prefix: str) -> Iterator[str]:
    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(application(manager, first())) as url:
        yield url


@pytest.fixture
def new_site(server: Process, prefix: str) -> Iterator[str]:
    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(application(manager, second())) as url:
        yield url


def test_names_have_a_hash_of_the_schema() -> None:
    (old, _), (new, _) = schema_of(first()), schema_of(second())
    assert old.startswith("Profile@")
    assert new.startswith("Profile@")
    assert old != new
    assert schema_of(first())[0] == old


def test_both_versions_run_side_by_side(old_site: str, new_site: str, raw: redis.Redis) -> None:
    names = {schema_of(first())[0], schema_of(second())[0]}
    assert names <= {entry.name for entry in Sessions(raw).schema_list()}

    with client(old_site) as old, client(new_site) as new:
        old.post("/login", json={"name": "ada"})
        assert old.get("/read").json() == {"name": "ada"}
        # A session of the old version lacks a field that the new one needs, so it is refused.
        new.cookies = old.cookies
        assert new.get("/read").status_code == 403
        # A login in the new version ends that session, and creates a new one.
        kept = old.cookies["session"]
        assert new.post("/login", json={"email": "a@b"}).status_code == 200
        assert new.get("/read").json() == {"name": "x", "email": "a@b"}
        gone = get(f"{old_site}/read", headers={"cookie": f"session={kept}"})
        assert gone.status_code == 401
        # A session of the new version has all fields that the old one needs.
        new.cookies.clear()
        new.post("/login", json={"name": "ada", "email": "a@b"})
        old.cookies = new.cookies
        assert old.get("/read").json() == {"name": "ada"}
        assert new.get("/read").json() == {"name": "ada", "email": "a@b"}


def test_patterns_with_look_around_are_left_to_the_model() -> None:
    class Plain(BaseModel):
        slug: str = Field(pattern=r"^[a-z]+$")

    class Clever(BaseModel):
        amount: Annotated[str, Field(json_schema_extra={"pattern": r"^(?!0)\d+$"})]
        back: Annotated[str, Field(json_schema_extra={"pattern": r"(a)\1"})]

    assert "^[a-z]+$" in schema_of(Plain)[1]
    assert "pattern" not in schema_of(Clever)[1]
