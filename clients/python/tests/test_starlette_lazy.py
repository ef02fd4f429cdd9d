"""The middleware with `lazy`: a session is read only where a route asks for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any

import httpx
import pytest
import redis
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from support.servers import Process
from support.starlette_site import Site
from support.web import client, served, socket_to
from websockets.exceptions import ConnectionClosed

from redis_session_client.starlette import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    SessionMiddleware,
    SessionNotLoaded,
    load_session,
    visit_of,
)
from redis_session_client.starlette.session import SessionDict, UnloadedDict, fill


async def public(request: Request) -> Response:
    return Response("public")


async def read(request: Request) -> Response:
    taken = request.session
    session = await load_session(request)
    assert session is taken is request.session
    await load_session(request)
    return JSONResponse(session)


async def write(request: Request) -> Response:
    (await load_session(request)).update(await request.json())
    return Response()


async def forgets(request: Request) -> Response:
    return JSONResponse(request.session)


async def about(request: Request) -> Response:
    visit = visit_of(request)
    before = visit.loaded
    await visit.load()
    return JSONResponse([before, visit.loaded, visit.user])


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()
    await websocket.send_json(dict(await load_session(websocket)))
    await websocket.receive_text()


@pytest.fixture
def start(server: Process, prefix: str) -> Iterator[Callable[..., str]]:
    with ExitStack() as stack:

        def start(app: ASGIApp | None = None, **options: Any) -> str:
            options = {"insecure": "frontends" not in options, "user": "user", **options}
            app = app or Starlette(
                routes=[
                    *(Route(f"/{f.__name__}", f) for f in (public, read, forgets, about)),
                    Route("/write", write, methods=["POST"]),
                    WebSocketRoute("/socket", socket),
                ]
            )
            wrapped = SessionMiddleware(app, server.url, prefix=prefix, lazy=True, **options)
            return stack.enter_context(served(wrapped))

        yield start


@pytest.fixture
def site(start: Callable[..., str], prefix: str, raw: redis.Redis) -> Site:
    return Site(start(), prefix, raw)


def test_a_route_that_never_looks_costs_no_command(site: Site) -> None:
    with site.browser() as browser:
        browser.post("/write", json={"user": "ada"})
        with site.commands() as seen:
            reply = browser.get("/public")
        assert seen == []
        assert "vary" not in reply.headers
        with site.commands() as seen:
            reply = browser.get("/read")
        assert [command.split()[0] for command in seen] == ["SESSION.VERIFY"]
        assert reply.json() == {"user": "ada"}
        assert (reply.headers["vary"], reply.headers["cache-control"]) == ("Cookie", "no-store")
        assert browser.get("/about").json() == [False, True, "ada"]


def test_a_session_that_is_loaded_is_changed_and_ended_as_ever(site: Site) -> None:
    with site.browser() as browser:
        browser.post("/write", json={"n": {"a": 1}})
        browser.post("/write", json={"n": {"a": 2}, "m": 3})
        assert site.data(browser) == {"n": {"a": 2}, "m": 3}


def test_a_look_before_loading_is_an_error_that_says_what_to_do(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with site.browser() as browser:
        assert browser.get("/forgets").status_code == 500
        assert browser.get("/read").json() == {}


@pytest.mark.parametrize(
    "use",
    [
        lambda s: s["a"],
        lambda s: s.get("a"),
        lambda s: "a" in s,
        lambda s: s.update(a=1),
        lambda s: s.__setitem__("a", 1),
        lambda s: s.pop("a", None),
        lambda s: s.setdefault("a", 1),
        lambda s: s.clear(),
        lambda s: s | {},
        lambda s: {**s},
        lambda s: dict(s),
        lambda s: list(s),
        lambda s: bool(s),
        lambda s: s == {},
        copy.deepcopy,
        json.dumps,
        JSONResponse,
    ],
)
def test_no_use_of_a_session_that_is_not_loaded_passes_for_an_empty_one(
    use: Callable[[Any], Any],
) -> None:
    session = UnloadedDict()
    with pytest.raises(SessionNotLoaded, match="await load_session"):
        use(session)
    fill(session, {"a": 1})
    use(session)
    assert type(session) is SessionDict


def test_fastapi_loads_it_as_a_dependency(start: Callable[..., str]) -> None:
    app = FastAPI()

    @app.get("/visits")
    async def visits(session: Annotated[dict[str, Any], Depends(load_session)]) -> int:
        session["visits"] = session.get("visits", 0) + 1
        return int(session["visits"])

    @app.get("/blocking")
    def blocking(session: Annotated[dict[str, Any], Depends(load_session)]) -> int:
        session["visits"] += 10
        return int(session["visits"])

    with client(start(app)) as browser:
        assert [browser.get("/visits").json() for _ in range(2)] == [1, 2]
        assert browser.get("/blocking").json() == 12
        assert browser.get("/visits").json() == 13


def test_two_tickets_that_disagree_are_refused_where_the_session_is_loaded(
    start: Callable[..., str], prefix: str, raw: redis.Redis
) -> None:
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    site = Site(start(frontends=frontends), prefix, raw)
    one, two = (site.sessions.create(f"{prefix}*", {}).token for _ in range(2))
    with site.browser(one) as browser:
        assert browser.get("/public", headers={"X-Session": two}).status_code == 200
        assert browser.get("/read", headers={"X-Session": two}).status_code == 400


def test_a_socket_loads_its_session_and_is_closed_when_it_ends(
    start: Callable[..., str], prefix: str, raw: redis.Redis
) -> None:
    site = Site(start(check_every=0.1), prefix, raw)
    with site.browser() as browser:
        browser.post("/write", json={"n": 1})
        headers = {"Cookie": f"session={browser.cookies['session']}"}
        with socket_to(site.url, "/socket", headers) as opened:
            opened.send("go")
            assert json.loads(opened.recv()) == {"n": 1}
            site.sessions.delete(site.key(browser))
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
        with socket_to(site.url, "/socket", headers, origin="http://other.test") as opened:
            opened.send("go")
            assert json.loads(opened.recv()) == {}


def test_a_client_library_is_not_needed_to_look(site: Site) -> None:
    assert httpx.get(site.url + "/public").text == "public"
