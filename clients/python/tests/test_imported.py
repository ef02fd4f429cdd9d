"""Cookies of sessions that another library made: the setting `imported` takes them.

The sessions are made by SESSION.IMPORT under the keys that `sessionctl import` gives them; the
tests with that program are in test_imported_*.py.
"""

import hashlib
from functools import partial
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
import redis
from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection
from support.servers import Process
from support.starlette_site import Maker, Site, Stalled
from support.web import client, served

from redis_session_client import Ids, Sessions
from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    LiveSession,
    MemoryBackend,
    RedisBackend,
    SessionManager,
    Visit,
)
from redis_session_client.starlette import SessionMiddleware
from redis_session_client.web.cookies import FOREVER
from redis_session_client.web.sync_backend import SyncRedisBackend
from redis_session_client.web.sync_resolve import sync_backend_of

SHAPES = {
    "starsessions": "0123456789abcdef0123456789abcdef",
    "django": "zyxwvutsrqponmlkjihgfedcba012345",
    "fastapi-redis-sdk": "A" * 42 + "B",
    "flask-session": "-_" * 21 + "A",
    "scs": "k" * 42 + "w",
    "laravel": "Q7" * 20,
    "uuid": "0b1f9d3c-9f7e-4a53-8a3f-4d3c2b1a0f9e",
    "tower-sessions": "x" * 22,
}


@pytest.fixture(params=list(SHAPES.values()), ids=list(SHAPES))
def cookie(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_key_follows_from_the_hash_of_the_cookie(cookie: str) -> None:
    digest = hashlib.sha256(cookie.encode()).hexdigest()
    assert Ids("p:", imported=True).key(cookie) == f"p:t{digest[:32]}"
    tagged = Ids("p:", imported=True, tagged=True)
    assert tagged.key(cookie) == f"p:{{{digest[:4]}}}:t{digest[:32]}"
    # The marker of its end lies in the same slot, and no cookie names it.
    assert tagged.retired(f"p:{{{digest[:4]}}}:t{digest[:32]}") == (
        f"p:{{{digest[:4]}}}:r{digest[:32]}"
    )


def test_without_the_setting_only_own_cookies_are_taken(cookie: str) -> None:
    own = cookie in (SHAPES["flask-session"], SHAPES["scs"])
    assert Ids().shaped(cookie) == own
    assert not Ids(tagged=True).shaped(cookie)


def test_own_cookies_are_taken_as_before() -> None:
    token = "A" * 43
    for tagged, own in ((False, token), (True, f"12ef.{token}")):
        assert Ids(tagged=tagged, imported=True).key(own) == Ids(tagged=tagged).key(own)


@pytest.mark.parametrize(
    "text",
    [
        "t0123456789abcdef0123456789abcdef",
        "session:t0123456789abcdef0123456789abcdef",
        "{12ef}:t0123456789abcdef0123456789abcdef",
        "12ef.0123456789abcdef0123456789abcdef",
        "a" * 19,
        "a" * 201,
        "a" * 32 + "\n",
        "a" * 31 + "é",
        "a" * 31 + "*",
        "",
    ],
)
def test_a_handle_and_what_is_no_id_is_no_cookie(text: str) -> None:
    for tagged in (False, True):
        ids = Ids(tagged=tagged, imported=True)
        assert not ids.shaped(text)
        assert ids.key(text) is None


# The cookie's headers.


def connection(**cookies: str) -> HTTPConnection:
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return HTTPConnection({"type": "http", "headers": [(b"cookie", text.encode())]})


def names(headers: list[tuple[str, str]]) -> list[str]:
    return [value.partition("=")[0] for name, value in headers if name == "set-cookie"]


def test_the_old_cookie_is_read_where_the_new_one_is_absent() -> None:
    frontend = CookieFrontend(imported="session")
    both = connection(**{"session": "old", "__Host-session": "new"})
    assert frontend.tickets(connection(session="old")) == ["old"]
    assert frontend.tickets(both) == ["new"]
    assert frontend.carries_old(connection(session="old"))
    assert not frontend.carries_old(both)
    assert not frontend.carries_old(connection(other="x"))
    assert CookieFrontend().tickets(connection(session="old")) == []


def test_whatever_gives_or_takes_the_cookie_removes_the_old_one() -> None:
    frontend = CookieFrontend(imported="session")
    given = frontend.give("ticket", None)
    assert names(given) == ["__Host-session", "session"]
    assert given[1][1] == (
        'session=""; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; '
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    )
    both = connection(**{"session": "old", "__Host-session": "new"})
    assert names(frontend.take(both)) == ["__Host-session", "session"]
    assert names(frontend.take(connection(session="old"))) == ["session"]
    assert frontend.take(connection(other="x")) == []


def test_an_old_cookie_with_a_domain_is_removed_with_it() -> None:
    policy = CookiePolicy("sid", insecure=True, domain="example.org", path="/shop")
    headers = CookieFrontend(imported=policy).give("ticket", None)
    assert "sid=" in headers[1][1]
    assert "Path=/shop; Domain=example.org" in headers[1][1]


@pytest.mark.parametrize("name", ["session", "__Host-session", "__Secure-sid"])
def test_an_old_cookie_can_have_any_name(name: str) -> None:
    frontend = CookieFrontend(CookiePolicy(insecure=True), imported=name)
    assert frontend.tickets(connection(**{name: "old"})) == ["old"]
    assert name in names(frontend.take(connection(**{name: "old"})))
    # One of the same name is replaced, and not removed as well.
    assert len(names(frontend.give("ticket", None))) == (1 if name == "session" else 2)


def test_wrong_settings_fail_where_they_are_written() -> None:
    makers: list[Any] = [SessionManager, partial(SessionMiddleware, FastAPI())]
    for make in makers:
        with pytest.raises(TypeError, match="imported is the name of the cookie"):
            make(imported=True)
        with pytest.raises(ValueError, match="no name for a cookie"):
            make(imported="a session")
        with pytest.raises(TypeError, match=r"CookieFrontend\(imported='session'\)"):
            make(frontends=[CookieFrontend()], imported="session")
        with pytest.raises(TypeError, match=r"RedisBackend\(..., imported=True\)"):
            make(backend=RedisBackend("redis://localhost"), imported="session")
        make(backend=RedisBackend("redis://localhost", imported=True), imported="session")
        make(backend=MemoryBackend(), frontends=[CookieFrontend(imported="session")])
    with pytest.raises(TypeError, match=r"SyncRedisBackend\(..., imported=True\)"):
        sync_backend_of(SyncRedisBackend("redis://localhost"), imported=True)
    with pytest.raises(ValueError, match="bare"):
        RedisBackend("redis://localhost", bare=True, imported=True)


# Over real HTTP. Servers of the tests have no TLS, so both cookies are plain ones.

FRONTEND = CookieFrontend(CookiePolicy("new", insecure=True), imported="session")


def imported(raw: redis.Redis, prefix: str, cookie: str | None = None, **data: Any) -> str:
    """A session as `sessionctl import` leaves it. Gives its cookie."""
    cookie = cookie or uuid4().hex
    key = Ids(prefix, imported=True).key(cookie)
    user = data.get("user")
    named = {} if user is None else {"user": prefix + user}
    assert Sessions(raw).import_as(str(key), data, created=1, px=3_600_000, **named)
    return cookie


def carrying(url: str, **cookies: str) -> httpx.Client:
    browser = client(url)
    for name, value in cookies.items():
        browser.cookies.set(name, value, domain="127.0.0.1")
    return browser


@pytest.fixture
def site(make: Maker) -> Site:
    return make(frontends=[FRONTEND], user="user")


def test_a_visitor_goes_on_with_the_old_cookie(
    site: Site, raw: redis.Redis, prefix: str, cookie: str
) -> None:
    with carrying(site.url, session=imported(raw, prefix, cookie, user="ada", n=1)) as browser:
        assert browser.get("/read").json() == {"user": "ada", "n": 1}
        reply = browser.post("/write", json={"set": {"n": 2}})
        assert "set-cookie" not in reply.headers
        assert browser.get("/read").json() == {"user": "ada", "n": 2}
        assert len(site.live_keys()) == 1


def test_a_login_replaces_the_old_cookie(site: Site, raw: redis.Redis, prefix: str) -> None:
    old = imported(raw, prefix, cart=[1])
    with carrying(site.url, session=old) as browser:
        browser.post("/write", json={"set": {"user": "ada"}})
        assert set(browser.cookies) == {"new"}
        assert browser.get("/read").json() == {"cart": [1], "user": "ada"}
    with carrying(site.url, session=old) as copy:
        assert copy.get("/read").json() == {}


def test_a_logout_removes_the_old_cookie(site: Site, raw: redis.Redis, prefix: str) -> None:
    old = imported(raw, prefix, user="ada")
    with carrying(site.url, session=old) as browser:
        browser.post("/write", json={"clear": True})
        assert set(browser.cookies) == set()
    with carrying(site.url, session=old) as copy:
        assert copy.get("/read").json() == {}
        # A cookie of nothing is neither set nor removed.
        assert set(copy.cookies) == {"session"}


def test_a_new_cookie_wins_also_when_its_session_has_ended(
    site: Site, raw: redis.Redis, prefix: str
) -> None:
    planted, own = imported(raw, prefix, user="mallory"), imported(raw, prefix, user="ada")
    with carrying(site.url, session=planted, new=own) as browser:
        assert browser.get("/read").json() == {"user": "ada"}
    with carrying(site.url, session=planted, new=uuid4().hex) as browser:
        assert browser.get("/read").json() == {}


def test_nothing_but_the_cookie_opens_a_session(site: Site, raw: redis.Redis, prefix: str) -> None:
    imported(raw, prefix, user="ada")
    (key,) = site.live_keys()
    for text in (key, key.removeprefix(prefix), key.removeprefix(f"{prefix}t")):
        with carrying(site.url, session=text) as browser:
            assert browser.get("/read").json() == {}


@pytest.fixture
def remembering(make: Maker) -> Site:
    return make(frontends=[FRONTEND], user="user", remember=True)


def test_with_remember_the_new_cookie_takes_the_place_of_one_that_ages(
    remembering: Site, raw: redis.Redis, prefix: str
) -> None:
    old = imported(raw, prefix, user="ada")
    with carrying(remembering.url, session=old) as browser:
        reply = browser.get("/read")
        assert reply.json() == {"user": "ada"}
        (given, _) = reply.headers.get_list("set-cookie")
        assert given.startswith(f"new={old}; ")
        age = int(given.rpartition("Max-Age=")[2])
        assert 0 < age <= 3600
        assert set(browser.cookies) == {"new"}
        assert "set-cookie" not in browser.get("/read").headers
        assert browser.get("/read").json() == {"user": "ada"}


def test_rolling_sessions_get_a_cookie_without_end(
    make: Maker, raw: redis.Redis, prefix: str
) -> None:
    site = make(frontends=[FRONTEND], remember=True, rolling=True, lifetime=600)
    with carrying(site.url, session=imported(raw, prefix, n=1)) as browser:
        assert f"Max-Age={FOREVER}" in browser.get("/read").headers["set-cookie"]


def test_a_slow_request_does_not_replace_the_cookie_of_a_login(
    remembering: Site, raw: redis.Redis, prefix: str
) -> None:
    with carrying(remembering.url, session=imported(raw, prefix, n=1)) as browser:
        stalled = Stalled(browser, {})
        browser.post("/write", json={"set": {"user": "ada"}})
        assert "set-cookie" not in stalled.release().headers
        assert browser.get("/read").json() == {"n": 1, "user": "ada"}


# FastAPI.


def test_a_guard_takes_the_old_cookie(server: Process, raw: redis.Redis, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, frontends=[FRONTEND])
    app = FastAPI()
    sessions.install(app)

    @app.get("/me")
    async def me(session: Annotated[LiveSession[Any], Depends(sessions.required())]) -> Any:
        return [session.user, session.data]

    @app.get("/devices")
    async def devices(session: Annotated[LiveSession[Any], Depends(sessions.required())]) -> Any:
        return [device.current for device in await session.devices()]

    @app.post("/login")
    async def login(visit: Annotated[Visit[Any], Depends(sessions.visit())]) -> None:
        await visit.login("ada", {"in": True})

    @app.post("/logout")
    async def logout(visit: Annotated[Visit[Any], Depends(sessions.visit())]) -> None:
        await visit.logout()

    with served(app) as url:
        old = imported(raw, prefix, SHAPES["fastapi-redis-sdk"], user="ada")
        with carrying(url, session=old) as browser:
            assert browser.get("/me").json() == ["ada", {"user": "ada"}]
            assert browser.get("/devices").json() == [True]
            reply = browser.post("/login")
            assert names(list(reply.headers.multi_items())) == ["new", "session"]
            assert set(browser.cookies) == {"new"}
            assert browser.get("/me").json() == ["ada", {"user": "ada", "in": True}]
        with carrying(url, session=old) as copy:
            assert copy.get("/me").status_code == 401
            assert set(copy.cookies) == {"session"}
        with carrying(url, session=imported(raw, prefix, user="ada")) as browser:
            browser.post("/logout")
            assert set(browser.cookies) == set()
            assert browser.get("/me").status_code == 401


def test_the_name_of_the_old_cookie_is_enough(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True, imported="sid")
    app = FastAPI()
    sessions.install(app)

    @app.get("/me")
    async def me(session: Annotated[LiveSession[Any], Depends(sessions.required())]) -> Any:
        return session.user

    with served(app) as url:
        with carrying(url, sid=imported(raw, prefix, user="ada")) as browser:
            assert browser.get("/me").json() == "ada"
        with carrying(url, other=imported(raw, prefix, user="ada")) as browser:
            assert browser.get("/me").status_code == 401
