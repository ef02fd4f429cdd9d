"""Applications with starsessions before, and with this package after, `sessionctl import`.

The old application logs a browser in over HTTP. The program moves the sessions. The new one, with
the middleware or with FastAPI's guards, answers the same cookie with the same session.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import pytest
import redis
import redis.asyncio
import starsessions
from fastapi import Depends, FastAPI
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starsessions.stores.redis import RedisStore
from support.browser import launched, new_context
from support.commands import keys
from support.moving import Move, Visitor, address, contents, ends_of_keys, same_end
from support.servers import Group, Process
from support.web import served

from redis_session_client import Sessions
from redis_session_client.fastapi import LiveSession, SessionManager, Visit
from redis_session_client.starlette import SessionMiddleware


async def login(request: Request) -> Response:
    request.session["user"] = request.path_params["user"]
    return Response()


async def cart(request: Request) -> Response:
    request.session["cart"] = [*request.session.get("cart", []), request.path_params["item"]]
    return Response()


async def me(request: Request) -> Response:
    return JSONResponse(dict(request.session))


async def logout(request: Request) -> Response:
    request.session.clear()
    return Response()


ROUTES = [
    Route("/login/{user}", login, methods=["POST"]),
    Route("/cart/{item:int}", cart, methods=["POST"]),
    Route("/me", me),
    Route("/logout", logout, methods=["POST"]),
]


def old_app(server: Process, **options: Any) -> Starlette:
    app = Starlette(routes=ROUTES)
    app.add_middleware(starsessions.SessionAutoloadMiddleware)
    store = RedisStore(connection=redis.asyncio.Redis.from_url(address(server)))
    app.add_middleware(
        starsessions.SessionMiddleware, store=store, cookie_https_only=False, **options
    )
    return app


def with_middleware(backend: Any, **options: Any) -> Starlette:
    app = Starlette(routes=ROUTES)
    app.add_middleware(
        SessionMiddleware, backend=backend, imported="session", user="user", **options
    )
    return app


def with_guards(backend: Any, **options: Any) -> FastAPI:
    sessions = SessionManager(backend, imported="session", **options)
    app = FastAPI()
    sessions.install(app)
    anyone, current = sessions.visit(), sessions.optional()

    @app.get("/me")
    async def me(session: Annotated[LiveSession[Any] | None, Depends(current)]) -> Any:
        return {} if session is None else session.data

    @app.post("/cart/{item}")
    async def cart(
        session: Annotated[LiveSession[Any] | None, Depends(current)], item: int
    ) -> None:
        assert session is not None
        await session.patch([{"op": "add", "path": "/cart/-", "value": item}])

    @app.post("/login/{user}")
    async def login(visit: Annotated[Visit[Any], Depends(anyone)], user: str) -> None:
        await visit.login(user, {"user": user})

    @app.post("/logout")
    async def logout(visit: Annotated[Visit[Any], Depends(anyone)]) -> None:
        await visit.logout()

    return app


@pytest.fixture(scope="module")
def old_server() -> Iterator[Process]:
    """A server without the module."""
    with Group() as group:
        yield group.start(plain=True)


@pytest.fixture(autouse=True)
def empty(old_server: Process) -> None:
    with old_server.client() as raw:
        raw.flushall()


@pytest.fixture
def move(old_server: Process, server: Process, prefix: str, tmp_path: Path) -> Move:
    return Move("starsessions", old_server, server, prefix, tmp_path)


def shop(visitor: Visitor, user: str = "ada") -> None:
    visitor.post(f"/login/{user}")
    visitor.post("/cart/1")
    visitor.post("/cart/2")


ADA = {"user": "ada", "cart": [1, 2]}


@pytest.mark.parametrize("make", [with_middleware, with_guards], ids=["middleware", "guards"])
@pytest.mark.parametrize("insecure", [True, False], ids=["http", "https"])
def test_visitors_stay_logged_in(
    make: Any,
    insecure: bool,
    old_server: Process,
    server: Process,
    prefix: str,
    raw: redis.Redis,
    move: Move,
) -> None:
    with old_server.client() as old, served(old_app(old_server, lifetime=7200)) as before:
        visitor, guest, other = (Visitor(before) for _ in range(3))
        shop(visitor)
        shop(other)
        guest.post("/cart/7")
        stored, ends = contents(old), ends_of_keys(old)
        move.run("--user", "/user")
        (found, _) = Sessions(raw).list(f"{prefix}ada")
        assert same_end(ends[0], found.info)
        with served(make(server.url, prefix=prefix, insecure=insecure)) as after:
            name = "session" if insecure else "__Host-session"
            copies = [browser.copy(after) for browser in (visitor, guest)]
            for browser in (visitor, guest, other):
                browser.turn_to(after)
            assert visitor.get("/me") == ADA
            assert guest.get("/me") == {"cart": [7]}
            visitor.post("/cart/3")
            assert visitor.get("/me")["cart"] == [1, 2, 3]
            guest.post("/login/grace")
            assert set(guest.cookies) == {name}
            assert guest.get("/me") == {"cart": [7], "user": "grace"}
            assert len(keys(raw, prefix)) == 3
            visitor.post("/logout")
            assert visitor.cookies == {}
            late = Visitor(before)
            shop(late)
            # "Log out everywhere" knows the sessions that were moved.
            assert Sessions(raw).revoke(f"{prefix}ada") == 1
            move.run("--user", "/user")
            for browser in (*copies, other):
                assert browser.get("/me") == {}
            assert guest.get("/me") == {"cart": [7], "user": "grace"}
            # Who came to the old application after the first run comes along with the second.
            late.turn_to(after)
            assert late.get("/me") == ADA
        assert stored.items() <= contents(old).items()
        other.turn_to(before)
        assert other.get("/me") == ADA


@pytest.mark.parametrize("make", [with_middleware, with_guards], ids=["middleware", "guards"])
def test_in_a_cluster(
    make: Any, old_server: Process, cluster: list[Process], prefix: str, tmp_path: Path
) -> None:
    """The old cookie has no tag. That of the login has one."""
    with served(old_app(old_server, lifetime=7200)) as before:
        visitors = [Visitor(before) for _ in range(5)]
        for number, visitor in enumerate(visitors):
            visitor.post(f"/cart/{number}")
    Move("starsessions", old_server, cluster[0], prefix, tmp_path).run()
    with served(make(cluster[0].async_cluster_client(), prefix=prefix)) as after:
        for number, visitor in enumerate(visitors):
            visitor.turn_to(after)
            old = visitor.copy()
            assert visitor.get("/me") == {"cart": [number]}
            visitor.post("/login/ada")
            assert visitor.cookies["__Host-session"][4] == "."
            assert visitor.get("/me") == {"cart": [number], "user": "ada"}
            assert old.get("/me") == {}
            visitor.post("/logout")
            assert visitor.cookies == {}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def test_a_browser_that_is_open_stays_logged_in(
    chromium: Browser, old_server: Process, server: Process, prefix: str, move: Move
) -> None:
    """Chromium keeps the cookies of a host for all of its ports."""
    old: AbstractContextManager[str] = served(old_app(old_server, lifetime=7200))
    with new_context(chromium) as profile:
        page = profile.new_page()
        with old as before:
            page.goto(f"{before}/me")
            for path in ("login/ada", "cart/1", "cart/2"):
                page.evaluate("path => fetch(path, { method: 'POST' })", f"/{path}")
        move.run("--user", "/user")
        new = with_middleware(server.url, prefix=prefix, insecure=True)
        with served(new) as after:
            response = page.goto(f"{after}/me")
            assert response is not None
            assert response.json() == ADA
            page.evaluate("fetch('/logout', { method: 'POST' })")
            assert profile.cookies() == []
            response = page.goto(f"{after}/me")
            assert response is not None
            assert response.json() == {}
