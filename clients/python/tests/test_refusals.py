"""What a guarded route answers when it cannot serve: status, body, headers, and own handlers."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import httpx
import pytest
import redis
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel
from redis.exceptions import RedisError
from support.servers import Group, Process
from support.web import client, get, post, served, socket_to
from websockets.exceptions import ConnectionClosed

from redis_session_client import Conflict, Sessions, TooMany
from redis_session_client.fastapi import (
    LiveSession,
    Refusal,
    SessionManager,
    SessionRequired,
    Visit,
)


class Cart(BaseModel):
    items: list[int] = []
    theme: Literal["light", "dark"] = "light"


def application(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)
    Current = Annotated[LiveSession[Cart], Depends(sessions.required(Cart))]  # noqa: N806
    Someone = Annotated[Visit[Cart], Depends(sessions.visit(Cart))]  # noqa: N806
    Maybe = Annotated[LiveSession[Cart] | None, Depends(sessions.optional(Cart))]  # noqa: N806

    @app.post("/login")
    async def login(visit: Someone) -> str:
        return await visit.login("ada", {"items": [1]})

    @app.get("/read")
    async def read(session: Current) -> dict[str, Any]:
        return session.data.model_dump()

    @app.get("/maybe")
    async def maybe(session: Maybe) -> str | None:
        return session.user if session else None

    @app.get("/named")
    async def named(session: Annotated[Any, Depends(sessions.required(None, "deleted"))]) -> None:
        return None

    @app.post("/old-version")
    async def old_version(session: Current) -> None:
        await session.replace(session.data, if_version=99)

    @app.post("/bad")
    async def bad(session: Current) -> None:
        await session.patch({"theme": "unspeakable"})

    @app.post("/too-many")
    async def too_many(session: Current) -> None:
        raise TooMany("the user has 5 live sessions or more, and MAXSESSIONS allows 5")

    @app.websocket("/ws")
    async def ws(socket: WebSocket, session: Annotated[Any, Depends(sessions.socket())]) -> None:
        await socket.accept()
        raise Conflict("the version is 2, not 1")

    return app


@pytest.fixture(autouse=True)
def deleted(raw: redis.Redis) -> Iterator[str]:
    """A schema that start-up finds, and that the test deletes."""
    Sessions(raw).schema_set("deleted", True)
    yield "deleted"
    Sessions(raw).schema_delete("deleted")


@pytest.fixture(scope="module")
def refusing(server: Process, site_prefix: str) -> Iterator[str]:
    with server.client() as admin:
        Sessions(admin).schema_set("deleted", True)
    manager = SessionManager(server.url, prefix=site_prefix, insecure=True)
    with served(application(manager)) as url:
        yield url


@pytest.fixture
def browser(refusing: str, prefix: str) -> Iterator[httpx.Client]:
    with client(refusing) as browser:
        assert browser.post("/login").status_code == 200
        yield browser


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/old-version", 409, "The session has changed meanwhile"),
        ("/too-many", 409, "The user has too many sessions"),
        ("/bad", 422, "The session cannot hold this data"),
    ],
)
def test_a_write_that_fails_has_a_status_and_shows_no_data(
    browser: httpx.Client, path: str, status: int, detail: str
) -> None:
    reply = browser.post(path)
    assert (reply.status_code, reply.json()) == (status, {"detail": detail})
    assert browser.get("/read").json() == {"items": [1], "theme": "light"}


def test_a_schema_that_is_not_there_is_500(
    browser: httpx.Client, raw: redis.Redis, deleted: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert browser.get("/named").status_code == 200
    Sessions(raw).schema_delete(deleted)
    reply = browser.get("/named")
    assert (reply.status_code, reply.json()) == (500, {"detail": "Internal Server Error"})
    assert deleted in caplog.text


def test_a_socket_whose_route_fails_gets_no_http_response(
    browser: httpx.Client, refusing: str
) -> None:
    headers = {"cookie": f"session={browser.cookies['session']}"}
    with socket_to(refusing, "/ws", headers) as socket, pytest.raises(ConnectionClosed):
        socket.recv()
    assert browser.get("/read").status_code == 200


def test_a_session_whose_own_schema_is_gone_can_log_in_again(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    """The schema of an older version of the model, which somebody has deleted since."""
    sessions = Sessions(raw)
    sessions.schema_set(f"{prefix}old", True)
    (key,) = (key for key in raw.scan_iter(match=f"{prefix}t*"))
    sessions.set(key, {"items": [1]}, schema=f"{prefix}old")
    assert browser.get("/maybe").json() == "ada"
    sessions.schema_delete(f"{prefix}old")
    assert browser.get("/read").status_code == 500
    assert browser.get("/maybe").json() is None
    assert browser.post("/login").status_code == 200
    assert browser.get("/read").status_code == 200
    assert sessions.info(key) is None


def test_own_handlers_for_the_classes_win(server: Process, raw: redis.Redis, prefix: str) -> None:
    app = FastAPI()

    @app.exception_handler(Conflict)  # registered before `install`
    async def conflict(request: Request, error: Conflict) -> JSONResponse:
        return JSONResponse({"mine": error.code}, 418)

    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    made = application(manager)
    for kind, handler in app.exception_handlers.items():
        made.exception_handlers[kind] = handler

    @made.exception_handler(SessionRequired)
    async def to_the_login(request: Request, refused: SessionRequired) -> RedirectResponse:
        return RedirectResponse(f"/login?next={request.url.path}", 303)

    @made.exception_handler(Refusal)
    def other(request: Request, refused: Refusal) -> JSONResponse:
        return JSONResponse({"mine": refused.reason, "schema": refused.schema}, refused.status_code)

    @made.exception_handler(RedisError)  # a base class, by a function that is not async
    def any_of_redis(request: Request, error: RedisError) -> JSONResponse:
        return JSONResponse({"mine": type(error).__name__}, 419)

    with served(made) as url, client(url) as browser:
        reply = browser.get("/read")
        assert (reply.status_code, reply.headers["location"]) == (303, "/login?next=/read")
        browser.post("/login")
        assert browser.post("/old-version").json() == {"mine": "CONFLICT"}
        assert browser.post("/bad").json() == {"mine": "Invalid"}
        Sessions(raw).schema_delete("deleted")
        named = browser.get("/named")
        assert (named.status_code, named.json()["mine"]) == (500, "no_schema")


# A login that answers with an error saves nothing.


def failing(sessions: SessionManager) -> FastAPI:
    app = application(sessions)
    Someone = Annotated[Visit[Cart], Depends(sessions.visit(Cart))]  # noqa: N806
    Current = Annotated[LiveSession[Cart], Depends(sessions.required(Cart))]  # noqa: N806

    @app.post("/add")
    async def add(visit: Someone) -> None:
        await visit.save([{"op": "add", "path": "/items/-", "value": 7}])

    @app.post("/fails")
    async def fails(visit: Someone, how: str, what: str = "login") -> Any:
        if what == "login":
            await visit.login("ada")
        elif what == "start":
            await visit.start({})
        else:
            await visit.save({"items": [8]})
        if how == "raises":
            raise HTTPException(403, "the second factor is wrong")
        if how == "crashes":
            raise ZeroDivisionError
        return JSONResponse({"detail": "no"}, 422)

    @app.post("/rotates")
    async def rotates(session: Current) -> None:
        await session.rotate()
        raise HTTPException(409)

    @app.post("/leaves")
    async def leaves(visit: Someone) -> None:
        await visit.login("ada")
        await visit.logout()
        raise HTTPException(409)

    @app.get("/gone")
    async def gone(visit: Someone) -> RedirectResponse:
        await visit.login("ada")
        return RedirectResponse("/read", 303)

    return app


@pytest.fixture(scope="module")
def failing_site(server: Process) -> Iterator[str]:
    with server.client() as admin:
        Sessions(admin).schema_set("deleted", True)
    manager = SessionManager(server.url, prefix="failing:", insecure=True)
    with served(failing(manager)) as url:
        yield url


def live(raw: redis.Redis) -> int:
    return sum(1 for _ in raw.scan_iter(match="failing:t*", count=1000))


@pytest.mark.parametrize("how", ["raises", "crashes", "answers"])
@pytest.mark.parametrize("what", ["login", "start", "save"])
def test_a_login_that_answers_with_an_error_saves_nothing(
    failing_site: str, raw: redis.Redis, how: str, what: str
) -> None:
    before = live(raw)
    reply = post(f"{failing_site}/fails", params={"how": how, "what": what})
    assert reply.status_code >= 400
    assert "set-cookie" not in reply.headers
    assert live(raw) == before


@pytest.mark.parametrize("how", ["raises", "answers"])
def test_a_visitor_whose_login_fails_is_not_stuck_with_a_dead_cookie(
    failing_site: str, how: str
) -> None:
    with client(failing_site) as browser:
        browser.post("/add")
        assert browser.post("/fails", params={"how": how}).status_code >= 400
        assert "session" not in browser.cookies
        assert browser.get("/read").status_code == 401
        assert browser.post("/add").status_code == 200
        assert browser.get("/read").json()["items"] == [7]


def test_a_change_of_a_live_session_stays_whatever_the_answer(failing_site: str) -> None:
    with client(failing_site) as browser:
        browser.post("/login")
        assert browser.post("/fails", params={"how": "raises", "what": "save"}).status_code == 403
        assert browser.get("/read").json()["items"] == [8]


def test_a_rotation_is_kept_whatever_the_answer(failing_site: str) -> None:
    with client(failing_site) as browser:
        browser.post("/login")
        before = browser.cookies["session"]
        assert browser.post("/rotates").status_code == 409
        assert browser.cookies["session"] != before
        assert browser.get("/read").status_code == 200


def test_a_logout_is_kept_whatever_the_answer(failing_site: str, raw: redis.Redis) -> None:
    with client(failing_site) as browser:
        before = live(raw)
        browser.post("/login")
        assert browser.post("/leaves").status_code == 409
        assert "session" not in browser.cookies
        assert live(raw) == before


def test_a_redirect_is_no_error(failing_site: str) -> None:
    with client(failing_site) as browser:
        assert browser.get("/gone").status_code == 303
        assert browser.get("/read").status_code == 200


# One VERIFY for a request, however many guards it passes.


@pytest.fixture
def own() -> Iterator[Process]:
    with Group() as group:
        yield group.start()


def calls(server: Process, command: str) -> int:
    with server.client(decode_responses=True) as admin:
        stats = admin.info("commandstats")
    return int(stats.get(f"cmdstat_{command}", {"calls": 0})["calls"])


def test_guards_of_router_and_route_ask_once(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI(dependencies=[Depends(sessions.optional())])
    sessions.install(app)
    Current = Annotated[LiveSession[Cart], Depends(sessions.required(Cart))]  # noqa: N806

    async def adds(session: Current) -> None:
        await session.patch([{"op": "add", "path": "/items/-", "value": 2}])

    @app.post("/login")
    async def login(visit: Annotated[Visit[Cart], Depends(sessions.visit(Cart))]) -> None:
        await visit.login("ada", {"items": [1]})

    guards = [Depends(sessions.required(Cart)), Depends(sessions.required())]

    @app.get("/same", dependencies=guards)
    async def same(session: Current) -> list[int]:
        return session.data.items

    @app.get("/changed", dependencies=[Depends(adds)])
    async def changed(session: Annotated[Any, Depends(sessions.required(Cart))]) -> list[int]:
        items: list[int] = session.data.items
        return items

    with served(app) as url, client(url) as browser:
        browser.post("/login")
        before = calls(own, "session.verify")
        assert browser.get("/same").json() == [1]
        # The application's guard names no schema, the others name one: they cannot share it.
        assert calls(own, "session.verify") - before == 2
        # A guard after a write sees what was written.
        assert browser.get("/changed").json() == [1, 2]


def test_the_same_guard_everywhere_asks_once(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI()
    sessions.install(app)

    @app.post("/login")
    async def login(visit: Annotated[Visit[Cart], Depends(sessions.visit(Cart))]) -> None:
        await visit.login("ada")

    guards = [Depends(sessions.required(Cart)), Depends(sessions.required(Cart))]

    @app.get("/read", dependencies=guards)
    async def read(session: Annotated[Any, Depends(sessions.required())]) -> str:
        return str(session.user)

    with served(app) as url, client(url) as browser:
        browser.post("/login")
        before = calls(own, "session.verify")
        assert browser.get("/read").json() == "ada"
        assert calls(own, "session.verify") - before == 1


def test_a_fresh_guard_is_not_served_by_one_that_is_not() -> None:
    with Group() as group:
        own = group.start()
        sessions = SessionManager(own.url, insecure=True)
        app = FastAPI()
        sessions.install(app)

        @app.post("/login")
        async def login(visit: Annotated[Visit[Any], Depends(sessions.visit())]) -> None:
            await visit.start({})

        @app.get("/read", dependencies=[Depends(sessions.required())])
        async def read(session: Annotated[Any, Depends(sessions.required(fresh=60))]) -> None:
            return None

        with served(app) as url, client(url) as browser:
            browser.post("/login")
            reply = browser.get("/read")
            assert reply.status_code == 401
            assert re.search(r'max_age="60"', reply.headers["www-authenticate"])


def test_a_guarded_response_says_who_may_keep_it(refusing: str, browser: httpx.Client) -> None:
    read = browser.get("/read")
    assert read.headers["vary"] == "Cookie"
    assert read.headers["cache-control"] == "no-store"
    stranger = get(f"{refusing}/maybe")
    assert stranger.headers["vary"] == "Cookie"
    assert "cache-control" not in stranger.headers
    assert "vary" not in get(f"{refusing}/openapi.json").headers
