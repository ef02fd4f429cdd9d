"""The middleware where something goes wrong: error responses, other sites, and a server that is
away, slow, or empty; and the caches between."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import starlette_app
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp
from support.commands import keys
from support.inprocess import TestClient
from support.servers import Group, Process, eventually
from support.starlette_site import Maker, Site, Stalled
from support.web import client, served, socket_to
from websockets.exceptions import InvalidStatus

from redis_session_client import Sessions
from redis_session_client.starlette import RedisBackend, SessionMiddleware, visit_of


@pytest.fixture
def site(make: Maker) -> Site:
    return make(user="user")


# Responses with an error.


def fails(browser: httpx.Client, **body: Any) -> httpx.Response:
    return browser.post("/fails", json=body)


def test_a_login_that_answers_with_an_error_stores_nothing(
    site: Site, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    reply = fails(browser, set={"user": "ada", "role": "admin"})
    assert "set-cookie" not in reply.headers
    assert site.live_keys() == []
    browser.post("/write", json={"set": {"cart": [1]}})
    reply = fails(browser, set={"user": "ada", "role": "admin", "cart": []})
    assert "set-cookie" not in reply.headers
    assert browser.get("/read").json() == {"cart": [1]}
    assert browser.get("/about").json() == {"user": None, "live": True}
    assert "a login is not stored" in caplog.text


def test_another_users_login_that_fails_leaves_the_present_session(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"user": "ada"}})
    fails(browser, clear=True, set={"user": "bob"})
    assert browser.get("/read").json() == {"user": "ada"}
    assert browser.get("/about").json()["user"] == "ada"


def test_a_rotation_that_answers_with_an_error_gives_no_new_id(make: Maker) -> None:
    site = make(rotate_on=["role"])
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        assert "set-cookie" not in fails(browser, set={"role": "admin"}).headers
        assert site.data(browser) == {"n": 1}


def test_a_logout_that_answers_with_an_error_is_carried_out(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"user": "ada", "theme": "dark"}})
    assert "set-cookie" in fails(browser, remove=["user"]).headers
    assert browser.get("/read").json() == {"theme": "dark"}
    assert browser.get("/about").json()["user"] is None
    browser.post("/write", json={"set": {"user": "ada"}})
    assert "Max-Age=0" in fails(browser, clear=True).headers["set-cookie"]
    assert site.live_keys() == []


def test_failed_attempts_are_counted_in_a_response_with_an_error(
    site: Site, browser: httpx.Client
) -> None:
    for attempt in (1, 2):
        fails(browser, set={"attempts": attempt})
    assert site.data(browser) == {"attempts": 2}


# Requests beside a login or a logout.


@pytest.mark.parametrize("end", [{"set": {"user": "ada"}}, {"clear": True}])
def test_a_request_sent_before_a_login_or_logout_sets_no_cookie(
    site: Site, browser: httpx.Client, end: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    browser.post("/write", json={"set": {"cart": [1]}})
    old = browser.cookies["session"]
    browser.post("/write", json=end)
    before = site.live_keys()
    with site.browser(old) as late:
        caplog.clear()
        reply = late.post("/write", json={"set": {"seen": 1}})
        assert "set-cookie" not in reply.headers
        assert "dropped" in caplog.text
        assert site.live_keys() == before
        # A login of its own is newer than the cookie that the request carries.
        assert "set-cookie" in late.post("/write", json={"set": {"user": "eve"}}).headers


def test_a_cookie_that_expired_begins_anew(site: Site) -> None:
    ticket = "C" * 42 + "A"
    with site.browser(ticket) as browser:
        assert browser.post("/write", json={"set": {"n": 1}}).cookies["session"] != ticket
        assert browser.get("/read").json() == {"n": 1}


def test_a_login_beside_requests_under_way_loses_none_of_its_own(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"cart": {}}})
    stalled = [Stalled(browser, {"set": {f"slow{n}": n}}) for n in range(3)]
    with site.browser(browser.cookies["session"]) as other:
        other.post("/write", json={"set": {"user": "ada"}})
        for request in stalled:
            assert "set-cookie" not in request.release().headers
        assert other.get("/read").json() == {"cart": {}, "user": "ada"}
        assert len(site.live_keys()) == 1


def test_a_logout_during_a_slow_write_stays(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"user": "ada"}})
    stalled = Stalled(browser, {"set": {"n": 1}})
    with site.browser(browser.cookies["session"]) as other:
        other.post("/write", json={"clear": True})
    assert stalled.release().status_code == 200
    assert site.live_keys() == []


# Caches.


@pytest.fixture
def serve(server: Process, prefix: str) -> Iterator[Callable[..., httpx.Client]]:
    with ExitStack() as stack:

        def start(*routes: Any, backend: Any = None, **options: Any) -> httpx.Client:
            app: ASGIApp = Starlette(routes=list(routes))
            if backend is None:
                options = {"prefix": prefix, **options}
            app = SessionMiddleware(app, backend or server.url, insecure=True, **options)
            return stack.enter_context(client(stack.enter_context(served(app))))

        yield start


def answering(looks: bool, **headers: str) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        if looks:
            request.session.get("n")
        return Response(headers={name.replace("_", "-"): v for name, v in headers.items()})

    return route


def test_what_depends_on_a_session_is_kept_by_no_shared_cache(
    serve: Callable[..., httpx.Client],
) -> None:
    browser = serve(
        Route("/looks", answering(True)),
        Route("/private", answering(True, cache_control="private, max-age=60", vary="Accept")),
        Route("/public", answering(True, cache_control="public, max-age=60", vary="*")),
        Route("/never", answering(False, cache_control="public, max-age=60")),
    )

    def told(path: str) -> tuple[str | None, str | None]:
        headers = browser.get(path).headers
        return headers.get("cache-control"), headers.get("vary")

    assert told("/looks") == ("no-store", "Cookie")
    assert told("/private") == ("private, max-age=60", "Accept, Cookie")
    assert told("/public") == ("no-store", "*")
    assert told("/never") == ("public, max-age=60", None)


# Other sites.


def test_another_sites_page_can_change_nothing_where_origins_are_checked(make: Maker) -> None:
    site = make(check_origin=True, origins=["https://friend.test"])
    with site.browser() as browser:
        other = {"Origin": "https://evil.test"}
        # Without a cookie there is nothing that a page could use.
        assert browser.post("/write", json={"set": {"n": 1}}, headers=other).status_code == 200
        refused = browser.post("/write", json={"set": {"n": 2}}, headers=other)
        assert (refused.status_code, refused.text) == (403, "another site's page sent this")
        assert browser.get("/read", headers=other).json() == {"n": 1}
        for origin in (site.url, "https://friend.test"):
            headers = {"Origin": origin}
            reply = browser.post("/write", json={"set": {"n": 3}}, headers=headers)
            assert reply.status_code == 200
        assert browser.post("/write", json={"set": {"n": 4}}).status_code == 200


# A server that is away, frozen, or empty.


@pytest.fixture
def own() -> Iterator[Process]:
    """A server of the test's own."""
    with Group() as group:
        yield group.start()


@pytest.mark.parametrize("away", ["frozen", "killed"])
def test_a_server_that_is_away_is_503_with_a_log_line(
    own: Process, away: str, caplog: pytest.LogCaptureFixture
) -> None:
    backend = RedisBackend(f"redis://127.0.0.1:{own.port}/0", timeout=2)
    app = starlette_app.make(backend, insecure=True)
    with served(app) as url, client(url, headers={"Connection": "close"}) as browser:
        browser.post("/write", json={"set": {"n": 1}})
        stalled = Stalled(browser, {"set": {"n": 2}})
        if away == "frozen":
            own.freeze()
        else:
            own.kill()
        try:
            caplog.set_level(logging.ERROR, "redis_session_client")
            reply = browser.get("/read")
            assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
            assert "n" not in reply.text.split()
            assert "the sessions are not available" in caplog.text
            assert stalled.release().status_code == 503
            # A visitor without a session is served, until something is to be stored.
            with client(url, headers={"Connection": "close"}) as fresh:
                assert fresh.get("/read").json() == {}
                assert fresh.post("/write", json={"set": {"n": 1}}).status_code == 503
            cookie = {"Cookie": f"session={browser.cookies['session']}"}
            with pytest.raises(InvalidStatus) as refused:
                socket_to(url, "/socket", cookie)
            assert refused.value.response.status_code == 503
        finally:
            own.thaw()


def test_a_frozen_server_that_thaws_serves_again(own: Process) -> None:
    backend = RedisBackend(f"redis://127.0.0.1:{own.port}/0", timeout=2)
    with (
        served(starlette_app.make(backend, insecure=True)) as url,
        client(url, headers={"Connection": "close"}) as browser,
    ):
        browser.post("/write", json={"set": {"n": 1}})
        own.freeze()
        assert browser.get("/read").status_code == 503
        own.thaw()
        eventually("an answer", lambda: browser.get("/read").status_code == 200)
        assert browser.get("/read").json() == {"n": 1}


def test_an_empty_server_gets_the_applications_own_schemas(own: Process) -> None:
    schemas = {"cart@1": {"properties": {"n": {"type": "integer"}}}}
    app = starlette_app.make(own.url, insecure=True, schema="cart@1", schemas=schemas)
    with served(app) as url, client(url, headers={"Connection": "close"}) as browser:
        assert browser.post("/write", json={"set": {"n": 1}}).status_code == 200
        assert browser.post("/write", json={"set": {"n": "one"}}).status_code == 500
        own.restart()
        eventually("an answer", lambda: browser.get("/read").status_code == 200)
        assert browser.get("/read").json() == {}
        assert browser.post("/write", json={"set": {"n": 2}}).status_code == 200
        assert browser.get("/read").json() == {"n": 2}


def test_a_session_whose_own_schema_is_gone_counts_as_none(
    site: Site, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = prefix + "gone"
    site.sessions.schema_set(name, {})
    made = site.sessions.create(f"{prefix}*", {"n": 1}, schema=name)
    site.sessions.schema_delete(name)
    with site.browser(made.token) as browser:
        assert browser.get("/read").json() == {}
        assert "own schema is gone" in caplog.text
        assert "set-cookie" in browser.post("/write", json={"set": {"n": 2}}).headers
        assert browser.get("/read").json() == {"n": 2}
    assert made.key not in site.live_keys()


def test_each_call_of_a_test_client_may_have_an_event_loop_of_its_own(
    server: Process, prefix: str
) -> None:
    app = starlette_app.make(server.url, prefix=prefix, insecure=True)
    browser = TestClient(app)
    for n in range(3):
        assert browser.post("/write", json={"set": {"n": n}}).status_code == 200
        assert browser.get("/read").json() == {"n": n}


def test_a_mounted_application_needs_no_lifespan(server: Process, prefix: str, raw: Any) -> None:
    inner = starlette_app.make(
        server.url, prefix=prefix, insecure=True, schema=prefix + "s", schemas={prefix + "s": {}}
    )
    with served(Starlette(routes=[Mount("/inner", inner)])) as url, client(url) as browser:
        browser.post("/inner/write", json={"set": {"n": 1}})
        assert browser.get("/inner/read").json() == {"n": 1}
    (key,) = keys(raw, prefix)
    found = Sessions(raw).info(key)
    assert found is not None
    assert found.schema == prefix + "s"
    Sessions(raw).schema_delete(prefix + "s")


# Error handlers and streams of the application.


def test_an_error_while_a_response_streams_leaves_what_was_saved(
    serve: Callable[..., httpx.Client],
) -> None:
    async def breaks(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield "a"
            raise RuntimeError("broken on purpose")

        request.session["before"] = True
        return StreamingResponse(body())

    async def read(request: Request) -> Response:
        return JSONResponse(dict(request.session))

    browser = serve(Route("/breaks", breaks), Route("/read", read))
    with browser.stream("GET", "/breaks") as reply:
        ticket = reply.cookies["session"]
        with pytest.raises(httpx.RemoteProtocolError):
            reply.read()
    with client(str(browser.base_url), cookies={"session": ticket}) as again:
        assert again.get("/read").json() == {"before": True}


def test_a_route_that_raises_after_a_save_of_its_own_has_saved(
    serve: Callable[..., httpx.Client],
) -> None:
    async def saves(request: Request) -> Response:
        request.session["n"] = 1
        await visit_of(request).save()
        raise HTTPException(409)

    browser = serve(Route("/", saves))
    assert "session" in browser.get("/").cookies
