"""Routes that are plain functions write by `session.sync` and `visit.sync`."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from support.servers import Process
from support.visitor import Visitor
from support.web import client, served

from redis_session_client.fastapi import LiveSession, SessionManager, Visit


class Cart(BaseModel):
    goods: list[int] = []


def program(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)
    needed, visited = Depends(sessions.required(Cart)), Depends(sessions.visit(Cart))
    Needed = Annotated[LiveSession[Cart], needed]  # noqa: N806
    Visited = Annotated[Visit[Cart], visited]  # noqa: N806

    @app.post("/start")
    def start(visit: Visited) -> Any:
        return visit.sync.start(Cart(goods=[1]))

    @app.post("/save")
    def save(visit: Visited) -> bool:
        return visit.sync.save({"goods": [2]})

    @app.post("/login/{user}")
    def login(user: str, visit: Visited) -> str:
        return visit.sync.login(user, Cart(goods=[3]), lifetime=60)

    @app.post("/logout")
    def logout(visit: Visited) -> bool:
        return visit.sync.logout()

    @app.post("/patch")
    def patch(session: Needed) -> bool:
        return session.sync.patch([{"op": "add", "path": "/goods/-", "value": 4}])

    @app.post("/replace")
    def replace(session: Needed) -> bool:
        return session.sync.replace(Cart(goods=[5]), if_version=session.info.version)

    @app.post("/pop")
    def pop(session: Needed) -> Any:
        return session.sync.pop("/goods/0")

    @app.post("/rotate")
    def rotate(session: Needed) -> bool:
        return session.sync.rotate(grace=None, remember=True)

    @app.post("/devices")
    def devices(session: Needed) -> Any:
        return [device.handle for device in session.sync.devices()]

    @app.post("/end/{handle}")
    def end(handle: str, session: Needed) -> bool:
        return session.sync.end_device(handle)

    @app.post("/others")
    def others(session: Needed) -> int:
        return session.sync.end_others()

    @app.post("/everywhere")
    def everywhere(session: Needed) -> int:
        return session.sync.end_everywhere()

    @app.get("/read")
    def read(session: Needed) -> Any:
        return session.data

    return app


def test_every_method_works_in_a_plain_function(server: Process, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(program(sessions)) as url, client(url) as browser, client(url) as other:
        post = browser.post
        assert browser.get("/read").status_code == 401
        assert len(post("/start").json()) == 43
        assert post("/save").json() is True
        assert browser.get("/read").json() == {"goods": [2]}
        assert post("/login/ada").json() == browser.cookies["session"]
        assert post("/patch").json() is True
        assert browser.get("/read").json() == {"goods": [3, 4]}
        assert post("/replace").json() is True
        assert post("/pop").json() == {"/goods/0": 5}
        assert "max-age" in post("/rotate").headers["set-cookie"].lower()
        other.post("/login/ada")
        handles = post("/devices").json()
        assert len(handles) == 2
        assert post("/others").json() == 1
        assert other.get("/read").status_code == 401
        assert post("/end/none").json() is False
        assert post("/everywhere").json() == 1
        assert browser.get("/read").status_code == 401
        post("/login/ada")
        assert post("/logout").json() is True
        assert post("/logout").json() is False


async def test_in_the_event_loop_it_says_to_await(server: Process, prefix: str) -> None:
    visitor = Visitor(SessionManager(server.url, prefix=prefix, insecure=True))
    visit = await visitor.visit()
    with pytest.raises(RuntimeError, match="await the method itself"):
        visit.sync.start({})
    await visitor.manager.backend.close()
