"""Requests of all kinds at guarded routes: other origins, HEAD and OPTIONS, streams, headers."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import httpx
import pytest
import redis
from fastapi import BackgroundTasks, Depends, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse
from support.commands import keys, watched
from support.servers import Process, eventually
from support.web import client, get, served, socket_to
from websockets.exceptions import InvalidStatus

from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    LiveSession,
    SessionManager,
    Visit,
)

FRIEND = "https://friend.test"


def application(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[FRIEND],
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
    )
    Current = Annotated[LiveSession[Any], Depends(sessions.required())]  # noqa: N806
    Someone = Annotated[Visit[Any], Depends(sessions.visit())]  # noqa: N806
    done: list[Any] = []

    @app.post("/login")
    async def login(visit: Someone) -> str:
        return await visit.login("ada", {"n": 0})

    @app.get("/read")
    @app.head("/read", include_in_schema=False)
    async def read(session: Current) -> str | None:
        return session.user

    async def write(session: Current) -> bool:
        return await session.patch([{"op": "replace", "path": "/n", "value": 1}])

    for number, method in enumerate(["POST", "PUT", "DELETE"]):
        app.api_route("/write", methods=[method], operation_id=f"write_{number}")(write)

    @app.post("/maybe")
    async def maybe(session: Annotated[Any, Depends(sessions.optional())]) -> str | None:
        return session.user if session else None

    @app.get("/own-headers")
    async def own_headers(session: Current, response: Response, cache: str, vary: str) -> None:
        response.headers["cache-control"] = cache
        response.headers["vary"] = vary

    @app.get("/stream")
    async def stream(session: Current) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for number in range(3):
                await session.patch([{"op": "replace", "path": "/n", "value": number}])
                yield str(number)

        return StreamingResponse(parts())

    @app.get("/breaks")
    async def breaks(visit: Someone) -> StreamingResponse:
        await visit.login("ada")

        async def parts() -> AsyncIterator[str]:
            yield "a"
            raise ZeroDivisionError

        return StreamingResponse(parts())

    @app.post("/later")
    async def later(session: Current, visit: Someone, tasks: BackgroundTasks) -> None:
        async def work() -> None:
            done.append(await session.patch([{"op": "replace", "path": "/n", "value": 9}]))
            try:
                await visit.login("eve")
            except RuntimeError as error:
                done.append(str(error))

        tasks.add_task(work)

    @app.get("/done")
    async def all_done() -> list[Any]:
        return done

    @app.get("/data")
    async def data(session: Current) -> Any:
        return session.data

    @app.websocket("/ws")
    async def ws(socket: Any, session: Annotated[Any, Depends(sessions.socket())]) -> None: ...

    return app


@pytest.fixture(scope="module")
def guarded(server: Process, site_prefix: str) -> Iterator[str]:
    manager = SessionManager(
        server.url, prefix=site_prefix, insecure=True, check_origin=True, origins=[FRIEND + "/"]
    )
    with served(application(manager)) as url:
        yield url


@pytest.fixture
def browser(guarded: str, prefix: str) -> Iterator[httpx.Client]:
    with client(guarded) as browser:
        assert browser.post("/login").status_code == 200
        yield browser


OTHERS: list[dict[str, str]] = [
    {"origin": "https://evil.test"},
    {"origin": "https://friend.test.evil.test"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"referer": "https://evil.test/form?x=https://friend.test"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.test", "sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_another_sites_page_cannot_use_the_cookie(
    browser: httpx.Client, raw: redis.Redis, method: str, headers: dict[str, str]
) -> None:
    with watched(raw) as seen:
        reply = browser.request(method, "/write", headers=headers)
    assert (reply.status_code, reply.json()) == (403, {"detail": "Forbidden"})
    assert seen == []


@pytest.mark.parametrize("headers", OTHERS)
def test_nor_an_optional_session(browser: httpx.Client, headers: dict[str, str]) -> None:
    assert browser.post("/maybe", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OTHERS)
def test_nor_log_its_visitor_in(
    guarded: str, raw: redis.Redis, prefix: str, headers: dict[str, str]
) -> None:
    with client(guarded) as stranger:
        reply = stranger.post("/login", headers=headers)
        assert reply.status_code == 403
        assert "set-cookie" not in reply.headers
    assert keys(raw, prefix) == []


def test_another_sites_login_does_not_end_the_session(browser: httpx.Client) -> None:
    assert browser.post("/login", headers={"origin": "https://evil.test"}).status_code == 403
    assert browser.get("/read").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": FRIEND},
        {"origin": FRIEND + ":443"},
        {"referer": FRIEND + "/page"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
    ],
)
def test_our_pages_and_listed_ones_can(browser: httpx.Client, headers: dict[str, str]) -> None:
    assert browser.post("/write", headers=headers).json() is True


def test_our_own_origin_is_the_requests_host(browser: httpx.Client, guarded: str) -> None:
    assert browser.post("/write", headers={"origin": guarded}).json() is True
    assert browser.post("/write", headers={"referer": f"{guarded}/page"}).json() is True
    other = guarded.replace("127.0.0.1", "localhost")
    assert browser.post("/write", headers={"origin": other}).status_code == 403


def test_reading_is_no_change(browser: httpx.Client) -> None:
    assert browser.get("/read", headers={"origin": "https://evil.test"}).status_code == 200


def test_a_ticket_that_no_browser_sends_by_itself_is_not_checked(
    server: Process, prefix: str
) -> None:
    manager = SessionManager(
        server.url, prefix=prefix, frontends=[HeaderFrontend()], check_origin=True
    )
    with served(application(manager)) as url, client(url) as browser:
        evil = {"origin": "https://evil.test"}
        ticket = browser.post("/login", headers=evil).json()
        bearer = {"authorization": f"Bearer {ticket}", **evil}
        assert browser.post("/write", headers=bearer).json() is True


def test_a_socket_of_another_page_is_refused(browser: httpx.Client, guarded: str) -> None:
    headers = {"cookie": f"session={browser.cookies['session']}"}
    with pytest.raises(InvalidStatus), socket_to(guarded, "/ws", headers, "https://evil.test"):
        pass


def test_the_document_says_403_where_the_origin_is_checked(guarded: str) -> None:
    paths = get(f"{guarded}/openapi.json").json()["paths"]
    assert "403" in paths["/login"]["post"]["responses"]
    assert "403" in paths["/write"]["put"]["responses"]
    assert "403" not in paths["/read"]["get"]["responses"]


def test_head_is_a_guarded_read(browser: httpx.Client, guarded: str) -> None:
    found = browser.head("/read")
    assert (found.status_code, found.content) == (200, b"")
    assert httpx.head(f"{guarded}/read").status_code == 401


def test_a_preflight_needs_no_session_and_a_request_after_it_has_both_varies(
    browser: httpx.Client, raw: redis.Redis
) -> None:
    asked = {"origin": FRIEND, "access-control-request-method": "PUT"}
    with watched(raw) as seen:
        preflight = browser.options("/write", headers=asked)
    assert seen == []
    assert preflight.headers["access-control-allow-origin"] == FRIEND
    reply = browser.put("/write", headers={"origin": FRIEND})
    assert reply.headers["access-control-allow-origin"] == FRIEND
    named = {name.strip() for name in reply.headers["vary"].split(",")}
    assert named == {"Cookie", "Origin"}


def varies(reply: httpx.Response) -> list[str]:
    """The names in Vary, without the one that the middleware for CORS adds."""
    names = [name.strip() for name in reply.headers["vary"].split(",")]
    return [name for name in names if name != "Origin"]


@pytest.mark.parametrize(
    ("cache", "kept"),
    [
        ("private", "private"),
        ("no-store", "no-store"),
        ("no-cache, max-age=0", "no-cache, max-age=0"),
        ("max-age=60, private", "max-age=60, private"),
        ("public, max-age=60", "no-store"),
        ("max-age=60", "no-store"),
    ],
)
def test_a_routes_own_cache_control_stays_if_it_keeps_the_page_private(
    browser: httpx.Client, cache: str, kept: str
) -> None:
    reply = browser.get("/own-headers", params={"cache": cache, "vary": "Accept"})
    assert reply.headers["cache-control"] == kept
    assert varies(reply) == ["Accept", "Cookie"]


@pytest.mark.parametrize(
    ("vary", "sent"),
    [("cookie", ["cookie"]), ("*", ["*"]), ("Accept, Cookie", ["Accept", "Cookie"])],
)
def test_a_vary_that_says_it_already_stays(
    browser: httpx.Client, vary: str, sent: list[str]
) -> None:
    reply = browser.get("/own-headers", params={"cache": "private", "vary": vary})
    assert varies(reply) == sent


def test_refusals_are_kept_by_no_cache_either(browser: httpx.Client, guarded: str) -> None:
    assert varies(get(f"{guarded}/read")) == ["Cookie"]
    dead = get(f"{guarded}/read", headers={"cookie": "session=" + "A" * 43})
    assert (dead.status_code, dead.headers["cache-control"]) == (401, "no-store")
    assert browser.post("/login").headers["cache-control"] == "no-store"


def test_a_header_frontend_varies_by_its_header(server: Process, prefix: str) -> None:
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    manager = SessionManager(server.url, prefix=prefix, frontends=frontends)
    with served(application(manager)) as url, client(url) as browser:
        browser.post("/login")
        assert varies(browser.get("/read")) == ["Cookie", "X-Session"]


def test_a_stream_writes_to_the_session_while_it_runs(browser: httpx.Client) -> None:
    reply = browser.get("/stream")
    assert reply.text == "012"
    assert reply.headers["cache-control"] == "no-store"
    assert browser.get("/data").json() == {"n": 2}


def test_a_stream_that_breaks_after_a_login_has_sent_the_cookie_already(guarded: str) -> None:
    with client(guarded) as browser:
        with browser.stream("GET", "/breaks") as reply:
            browser.cookies.extract_cookies(reply)
            with pytest.raises(httpx.RemoteProtocolError):
                reply.read()
        assert browser.get("/read").status_code == 200


def test_a_background_task_writes_but_cannot_log_in(browser: httpx.Client) -> None:
    browser.post("/later")
    done = eventually("the task", lambda: len(found := browser.get("/done").json()) > 1 and found)
    assert done == [True, "a new token cannot reach the client: the response has begun"]
    assert browser.get("/data").json() == {"n": 9}
    assert browser.get("/read").json() == "ada"
