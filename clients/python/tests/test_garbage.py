"""A finished request leaves no reference cycle behind.

A cycle through the scope would keep all objects of each request alive until Python's garbage
collector runs, and make the collector slower. The tests switch the collector off and look.
"""

import gc
import weakref
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from redis_session_client.fastapi import LiveSession, MemoryBackend, SessionManager, Visit
from redis_session_client.starlette import SessionMiddleware, visit_of


class Kept:
    """An object in the scope, to see whether the scope is freed."""


async def answer(app: ASGIApp, path: str, cookie: str = "") -> tuple[dict[str, str], bool]:
    """The headers of the response, and whether the request's scope is still alive after it."""
    headers: dict[str, str] = {}

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200, message
        headers.update((n.decode(), v.decode()) for n, v in message.get("headers", ()))

    kept = Kept()
    gone = weakref.ref(kept)
    gc.disable()
    try:
        await app(
            {
                "type": "http",
                "method": "GET",
                "path": path,
                "query_string": b"",
                "headers": [(b"cookie", cookie.encode())],
                "kept": kept,
            },
            receive,
            send,
        )
        del kept
        return headers, gone() is not None
    finally:
        gc.enable()


def fastapi_app() -> FastAPI:
    app = FastAPI()
    sessions = SessionManager(MemoryBackend(), insecure=True)
    sessions.install(app)

    @app.get("/login")
    async def login(visit: Annotated[Visit[Any], Depends(sessions.visit())]) -> None:
        await visit.login("ada", {"n": 1})

    @app.get("/read")
    async def read(session: Annotated[LiveSession[Any], Depends(sessions.required())]) -> Any:
        return session.data

    @app.get("/logout")
    async def logout(visit: Annotated[Visit[Any], Depends(sessions.visit())]) -> None:
        await visit.logout()

    return app


def starlette_app() -> Starlette:
    async def login(request: Request) -> PlainTextResponse:
        request.session["user"] = "ada"
        return PlainTextResponse("")

    async def read(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{request.session} {visit_of(request).user}")

    async def logout(request: Request) -> PlainTextResponse:
        request.session.clear()
        return PlainTextResponse("")

    app = Starlette(
        routes=[Route("/login", login), Route("/read", read), Route("/logout", logout)],
    )
    app.add_middleware(SessionMiddleware, backend=MemoryBackend(), insecure=True)
    return app


@pytest.mark.parametrize("make", [fastapi_app, starlette_app])
async def test_a_request_that_is_over_is_gone(make: Any) -> None:
    app = make()
    await answer(app, "/login")  # the first request creates objects that later ones share
    headers, left = await answer(app, "/login")
    assert not left
    cookie = headers["set-cookie"].partition(";")[0]
    for path in ("/read", "/logout"):
        _, left = await answer(app, path, cookie)
        assert not left, path
