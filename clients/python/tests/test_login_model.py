"""A login with a model stores every field of the model, also those with default factories."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from support.servers import Process
from support.web import client, served

from redis_session_client.fastapi import LiveSession, SessionManager, Visit


class Visitor(BaseModel):
    name: str
    nickname: str | None = None
    csrf: str = Field(default_factory=lambda: uuid4().hex)


def program(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)

    @app.post("/login")
    async def login(visit: Annotated[Visit[Visitor], Depends(sessions.visit(Visitor))]) -> Any:
        visitor = Visitor(name="ada")
        await visit.login("ada", visitor)
        return visitor

    @app.get("/read")
    async def read(
        session: Annotated[LiveSession[Visitor], Depends(sessions.required(Visitor))],
    ) -> Any:
        return session.data

    return app


def test_what_a_default_made_for_the_object_is_what_is_stored(server: Process, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(program(sessions)) as url, client(url) as browser:
        visitor = browser.post("/login").json()
        assert browser.get("/read").json() == visitor
