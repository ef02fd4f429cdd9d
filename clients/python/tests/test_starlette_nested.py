"""Applications inside of one another, each with a middleware that keeps its own `request.session`.

The outer application's visitor stays logged in, and no application stores another one's data.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import redis
import starsessions
from sqladmin import Admin
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import create_engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.sessions import SessionMiddleware as SignedCookies
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from support.commands import keys
from support.servers import Process, eventually
from support.web import client, served

from redis_session_client import Ids, Sessions
from redis_session_client.starlette import (
    CookieFrontend,
    CookiePolicy,
    SessionMiddleware,
    visit_of,
)


async def read(request: Request) -> Response:
    return JSONResponse(dict(request.session))


async def write(request: Request) -> Response:
    request.session.update(await request.json())
    return Response()


async def clear(request: Request) -> Response:
    request.session.clear()
    return Response()


ROUTES = [Route(f"/{f.__name__}", f, methods=["GET", "POST"]) for f in (read, write, clear)]


def cookie(name: str) -> list[CookieFrontend]:
    return [CookieFrontend(CookiePolicy(name=name, insecure=True))]


class Places:
    """Middlewares whose sessions are all in one server, and what is stored there."""

    def __init__(self, server: Process, prefix: str, raw: redis.Redis) -> None:
        self.url = server.url
        self.prefix = prefix
        self.raw = raw
        self.sessions = Sessions(raw)

    def ours(self, name: str = "outer", **options: Any) -> Middleware:
        options = {"prefix": f"{self.prefix}{name}:", "frontends": cookie(name), **options}
        return Middleware(SessionMiddleware, backend=self.url, **options)

    def stored(self, name: str = "outer") -> list[Any]:
        found = [self.sessions.get(k, no_touch=True) for k in self.keys(name)]
        return [session.data for session in found if session]

    def keys(self, name: str) -> list[str]:
        return keys(self.raw, f"{self.prefix}{name}:")


@pytest.fixture
def places(server: Process, prefix: str, raw: redis.Redis) -> Places:
    return Places(server, prefix, raw)


def theirs(name: str = "theirs") -> Middleware:
    return Middleware(SignedCookies, secret_key="a key of this test", session_cookie=name)


def theirs_in_memory() -> Middleware:
    return Middleware(
        starsessions.SessionMiddleware,
        store=starsessions.InMemoryStore(),
        cookie_name="theirs",
        cookie_path="/",
        cookie_https_only=False,
    )


class Loading(BaseHTTPMiddleware):
    """Loads a session of starsessions where there is one."""

    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if "session_handler" in request.scope:
            await starsessions.load_session(request)
        return await call_next(request)


def app(*middleware: Middleware, routes: list[BaseRoute] | None = None) -> Starlette:
    return Starlette(routes=routes if routes is not None else [*ROUTES], middleware=[*middleware])


def mounted(outer: list[Middleware], inner: list[Middleware]) -> Starlette:
    return app(*outer, routes=[*ROUTES, Mount("/inner", app(*inner))])


@pytest.fixture
def browse() -> Iterator[Callable[[ASGIApp], httpx.Client]]:
    """Serves an application, and gives a browser for it."""
    with ExitStack() as stack:

        def start(application: ASGIApp) -> httpx.Client:
            url = stack.enter_context(served(application))
            return stack.enter_context(client(url))

        yield start


Browse = Callable[[ASGIApp], httpx.Client]


def walk(browser: httpx.Client) -> None:
    """Writes to both applications by turns. Each keeps its own data, and both visitors stay."""
    browser.post("/write", json={"user": "ada", "cart": {"a": 1}})
    assert browser.get("/inner/read").json() == {}
    browser.post("/inner/write", json={"admin": "root"})
    assert browser.get("/read").json() == {"user": "ada", "cart": {"a": 1}}
    browser.post("/inner/write", json={"page": 2})
    assert browser.get("/inner/read").json() == {"admin": "root", "page": 2}
    browser.post("/write", json={"n": 1})
    browser.post("/inner/clear")
    assert browser.get("/inner/read").json() == {}
    assert browser.get("/read").json() == {"user": "ada", "cart": {"a": 1}, "n": 1}


@pytest.mark.parametrize(
    "inner", [[theirs()], [theirs_in_memory(), Middleware(Loading)]], ids=["signed", "starsessions"]
)
def test_another_session_middleware_in_a_mounted_application(
    places: Places, browse: Browse, inner: list[Middleware]
) -> None:
    browser = browse(mounted([places.ours()], inner))
    walk(browser)
    assert places.stored() == [{"user": "ada", "cart": {"a": 1}, "n": 1}]


@pytest.mark.parametrize(
    "outer", [[theirs()], [theirs_in_memory(), Middleware(Loading)]], ids=["signed", "starsessions"]
)
@pytest.mark.parametrize("between", [[], [Middleware(Loading)]], ids=["direct", "task"])
def test_ours_in_an_application_mounted_under_another_session_middleware(
    places: Places, browse: Browse, outer: list[Middleware], between: list[Middleware]
) -> None:
    browser = browse(mounted(outer, [*between, places.ours()]))
    walk(browser)
    browser.post("/inner/write", json={"secret": 1})
    assert places.stored() == [{"secret": 1}]


def test_two_of_ours_with_cookies_of_their_own(places: Places, browse: Browse) -> None:
    browser = browse(mounted([places.ours("outer")], [places.ours("inner")]))
    walk(browser)
    browser.post("/inner/write", json={"secret": 1})
    assert places.stored("outer") == [{"user": "ada", "cart": {"a": 1}, "n": 1}]
    assert places.stored("inner") == [{"secret": 1}]
    assert {*browser.cookies} == {"outer", "inner"}


def test_both_in_one_application_keep_their_own(places: Places, browse: Browse) -> None:
    for middleware in ([places.ours(), theirs()], [theirs(), places.ours()]):
        browser = browse(app(*middleware))
        browser.post("/write", json={"n": 1})
        assert browser.get("/read").json() == {"n": 1}
    # The inner one is what routes see: theirs in the first application, ours in the second.
    assert places.stored() == [{"n": 1}]


def test_two_of_ours_with_the_same_cookie_are_one_session(
    places: Places, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    browser = browse(mounted([places.ours(user="user")], [places.ours(prefix="unused:")]))
    browser.post("/inner/write", json={"user": "ada"})
    browser.post("/write", json={"n": 1})
    browser.post("/inner/write", json={"m": 2})
    assert browser.get("/read").json() == {"user": "ada", "n": 1, "m": 2}
    assert browser.get("/inner/read").json() == {"user": "ada", "n": 1, "m": 2}
    assert places.stored() == [{"user": "ada", "n": 1, "m": 2}]
    assert [r.message for r in caplog.records if "another backend" in r.message][1:] == []
    browser.post("/inner/clear")
    assert browser.get("/read").json() == {}
    assert "outer" not in browser.cookies


def test_the_same_cookie_reaches_through_another_session_middleware(
    places: Places, browse: Browse
) -> None:
    inner = app(theirs(), routes=[Mount("/deep", app(places.ours())), *ROUTES])
    browser = browse(app(places.ours(), routes=[*ROUTES, Mount("/inner", inner)]))
    browser.post("/inner/deep/write", json={"n": 1})
    browser.post("/inner/write", json={"theirs": 1})
    assert browser.get("/read").json() == {"n": 1}
    assert browser.get("/inner/read").json() == {"theirs": 1}
    assert browser.get("/inner/deep/read").json() == {"n": 1}


def test_what_an_inner_application_learns_reaches_the_outer_scope(
    places: Places, browse: Browse
) -> None:
    seen: list[tuple[Any, ...]] = []

    class Tracing:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            if scope["type"] == "http":
                seen.append((scope["endpoint"], scope["path_params"], dict(scope["session"])))

    async def item(request: Request) -> Response:
        request.session["secret"] = 1
        request.scope.setdefault("seen", 1)
        assert visit_of(request).info is None
        return Response()

    inner = app(places.ours(), routes=[Route("/{name}", item)])
    browser = browse(app(theirs(), Middleware(Tracing), routes=[Mount("/inner", inner)]))
    browser.get("/inner/thing")
    eventually("the end of the request", lambda: seen)
    assert seen == [(item, {"name": "thing"}, {})]
    assert "theirs" not in browser.cookies


def test_a_scope_copied_by_a_middleware_has_the_same_session(
    places: Places, browse: Browse
) -> None:
    class Copying:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(dict(scope), receive, send)

    for name in ("one", "two"):
        middleware = [places.ours(name, lazy=name == "two"), Middleware(Copying)]
        if name == "two":
            middleware.append(Middleware(LoadingOurs))
        browser = browse(app(*middleware, Middleware(Loading)))
        browser.post("/write", json={"n": 1})
        browser.post("/write", json={"m": {"deep": [1]}})
        assert browser.get("/read").json() == {"n": 1, "m": {"deep": [1]}}


class LoadingOurs(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        await visit_of(request).load()
        return await call_next(request)


def test_a_session_that_a_route_replaces_is_not_stored_and_told_once(
    places: Places, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    async def replace(request: Request) -> Response:
        request.scope["session"] = {"planted": 1}
        return Response()

    browser = browse(app(places.ours(), routes=[*ROUTES, Route("/replace", replace)]))
    browser.post("/write", json={"n": 1})
    caplog.set_level(logging.WARNING, "redis_session_client")
    for _ in range(2):
        browser.get("/replace")
    assert places.stored() == [{"n": 1}]
    assert len([r for r in caplog.records if "has been replaced" in r.message]) == 1


def test_another_cookie_of_the_same_name_is_told_once(
    places: Places, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    browser = browse(mounted([places.ours("same")], [theirs("same")]))
    browser.post("/write", json={"n": 1})
    assert caplog.records == []
    for _ in range(2):
        browser.post("/inner/write", json={"n": 2})
    assert len([r for r in caplog.records if "a cookie of the same name" in r.message]) == 1


class Login(AuthenticationBackend):
    """The login of the administration, as sqladmin's documentation has it."""

    async def login(self, request: Request) -> bool:
        form = await request.form()
        if form["password"] != "open":
            return False
        request.session.update({"token": str(form["username"])})
        return True

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(self, request: Request) -> bool:
        return "token" in request.session


def test_an_administration_by_sqladmin_with_its_own_login(places: Places, browse: Browse) -> None:
    application = app(places.ours(user="user"))
    engine = create_engine("sqlite://")
    Admin(application, engine, authentication_backend=Login("a key of this test"))
    browser = browse(application)
    browser.post("/write", json={"user": "ada", "cart": [1]})
    ticket = browser.cookies["outer"]

    def asks_for_login() -> bool:
        location: str = browser.get("/admin/").headers.get("location", "")
        return location.endswith("/admin/login")

    assert asks_for_login()
    form = {"username": "root", "password": "open"}
    assert browser.post("/admin/login", data=form).status_code == 302
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/read").json() == {"user": "ada", "cart": [1]}
    assert browser.get("/admin/logout").status_code == 302
    assert asks_for_login()
    assert browser.get("/read").json() == {"user": "ada", "cart": [1]}
    assert browser.cookies["outer"] == ticket
    found = Sessions(places.raw).info(places.keys("outer")[0])
    assert found is not None
    assert found.user == f"{places.prefix}outer:ada"
    assert Ids(f"{places.prefix}outer:").key(ticket) == places.keys("outer")[0]
    engine.dispose()
