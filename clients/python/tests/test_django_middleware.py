"""Cookies and races over real HTTP, with Django's middleware and with that of the package."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator

import httpx
import pytest
import redis
from support.commands import keys, watched
from support.django_site import DJANGO, OWN, Site, held, site
from support.servers import Process

STALE = "x" * 42 + "A"
"""A cookie of the right shape, whose session is not there."""
BOTH = pytest.mark.parametrize("middleware", [DJANGO, OWN], ids=["django", "own"])


@pytest.fixture
def middleware() -> str:
    return OWN


@pytest.fixture
def shop(middleware: str, server: Process, prefix: str) -> Iterator[Site]:
    with site(server, prefix, middleware=middleware) as found:
        yield found


def stale(shop: Site) -> httpx.Client:
    return shop.browser(cookies={"session": STALE})


@BOTH
def test_the_cookie_is_as_djangos_settings_say(
    server: Process, prefix: str, middleware: str
) -> None:
    options = {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
    }
    with site(server, prefix, middleware=middleware, **options) as shop:
        response = shop.browser().get("/put", params={"a": "1"})
    (cookie,) = response.headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-session=")
    age = "Max-Age=34560000" if middleware == OWN else "Max-Age=1209600"
    assert {"HttpOnly", age, "Path=/", "SameSite=Strict", "Secure"} < {*attributes}
    assert response.headers["vary"] == "Cookie"


@BOTH
def test_the_cookie_is_short_and_by_default_for_no_script_and_no_other_site(
    server: Process, prefix: str, middleware: str
) -> None:
    with site(server, prefix, middleware=middleware) as shop:
        response = shop.browser().get("/put", params={"a": json.dumps("x" * 8000)})
    (cookie,) = response.headers.get_list("set-cookie")
    pair, *attributes = cookie.split("; ")
    assert re.fullmatch(r"session=[\w-]{43}", pair)  # browsers store 4096 bytes
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} < {*attributes}


@BOTH
def test_a_view_that_never_looks_costs_nothing(shop: Site, raw: redis.Redis) -> None:
    browser = shop.browser()
    browser.get("/put", params={"a": "1"})
    with watched(raw) as commands:
        response = browser.get("/plain")
    assert commands == []
    assert "vary" not in response.headers
    assert "set-cookie" not in response.headers


@BOTH
def test_who_stores_nothing_gets_no_session(shop: Site, raw: redis.Redis, prefix: str) -> None:
    browser = shop.browser()
    response = browser.get("/")
    assert response.headers["vary"] == "Cookie"
    assert not browser.cookies
    assert keys(raw, prefix) == []


@BOTH
@pytest.mark.parametrize("cookie", [STALE, "a1b2c3d4" * 4, "short", "é\"'"])
def test_a_missing_session_neither_sets_nor_removes_the_cookie(shop: Site, cookie: str) -> None:
    headers = {b"cookie": f"session={cookie}".encode()}
    response = shop.browser().get("/", headers=headers)
    assert response.json() == {"data": {}, "user": ""}
    assert "set-cookie" not in response.headers
    assert response.headers["vary"] == "Cookie"


@BOTH
def test_a_request_from_before_the_login_keeps_its_cookie(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    early = shop.browser(cookies={"session": browser.cookies["session"]})
    browser.get("/login/ada")
    assert "set-cookie" not in early.get("/").headers


@BOTH
@pytest.mark.parametrize("path", ["/login/ada", "/logout"])
def test_a_request_from_before_a_login_or_logout_begins_no_session(
    shop: Site,
    middleware: str,
    path: str,
    raw: redis.Redis,
    prefix: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    early = shop.browser(cookies={"session": browser.cookies["session"]})
    browser.get(path)
    before = keys(raw, prefix)
    response = early.get("/put", params={"seen": "1"})
    assert "set-cookie" not in response.headers
    assert keys(raw, prefix) == before
    if middleware == OWN:
        assert response.status_code == 200
        assert "from before a login or a logout" in caplog.text
    else:
        assert response.status_code == 400
    # A login in it is meant, and begins one.
    assert "set-cookie" in early.get("/login/grace").headers


@BOTH
def test_a_visitor_whose_session_expired_begins_anew(shop: Site) -> None:
    browser = stale(shop)
    assert browser.get("/put", params={"a": "1"}).status_code == 200
    assert browser.cookies["session"] != STALE
    assert browser.get("/").json()["data"] == {"a": 1}


@BOTH
def test_a_logout_without_a_session_removes_the_cookie(shop: Site) -> None:
    assert "Max-Age=0" in stale(shop).get("/logout").headers["set-cookie"]


@BOTH
def test_what_a_failing_view_stored_is_not_saved(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"a": "1"})
    browser.get("/put", params={"a": "2", "status": "500"})
    assert browser.get("/").json()["data"] == {"a": 1}


@BOTH
def test_ten_requests_at_once_keep_ten_changes(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"first": "0"})
    with held(browser, "GET", "/put", params={"n": "9"}) as slow:
        # Nine more, all of which read the session before any has written.
        for number in range(9):
            params = {f"n{number}": str(number)}
            assert browser.get("/put", params=params).status_code == 200
        assert slow.finish().status_code == 200
    expected = {"first": 0, "n": 9, **{f"n{number}": number for number in range(9)}}
    assert browser.get("/").json()["data"] == expected


@BOTH
def test_requests_in_many_threads_keep_each_others_changes(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"nested": "{}"})
    cookies = {"session": browser.cookies["session"]}
    barrier = threading.Barrier(10)
    answers: list[int] = []

    def send(number: int) -> None:
        own = shop.browser(cookies=cookies)
        barrier.wait()
        answers.append(own.get("/nest", params={"name": f"n{number}"}).status_code)
        answers.append(own.get("/put", params={f"m{number}": "1"}).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    data = browser.get("/").json()["data"]
    assert data.pop("nested") == {f"n{number}": 1 for number in range(10)}
    assert data == {f"m{number}": 1 for number in range(10)}


@BOTH
def test_saving_every_request_renews_session_and_cookie(
    server: Process, prefix: str, raw: redis.Redis, middleware: str
) -> None:
    with site(server, prefix, middleware=middleware, SESSION_SAVE_EVERY_REQUEST=True) as shop:
        browser = shop.browser()
        browser.get("/put", params={"a": "1"})
        (key,) = keys(raw, prefix)
        raw.pexpire(key, 1_000_000)
        headers = browser.get("/plain").headers
        if middleware == OWN:
            assert "set-cookie" not in headers  # the server alone ends the session
        else:
            assert "Max-Age=1209600" in headers["set-cookie"]
        assert raw.pttl(key) > 1_000_000_000
        browser.get("/logout")
        assert not browser.cookies


def test_saving_every_request_begins_no_session_in_the_place_of_a_missing_one(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    with site(server, prefix, middleware=OWN, SESSION_SAVE_EVERY_REQUEST=True) as shop:
        for path in ("/plain", "/"):
            assert "set-cookie" not in stale(shop).get(path).headers
        assert keys(raw, prefix) == []


def test_a_request_that_keeps_its_key_does_not_send_the_cookie_again(
    server: Process, prefix: str
) -> None:
    # It could arrive after the cookie of a login, and take its place.
    with site(server, prefix, middleware=OWN) as shop:
        browser = shop.browser()
        assert "set-cookie" in browser.get("/put", params={"a": "1"}).headers
        assert "set-cookie" not in browser.get("/put", params={"a": "2"}).headers
        assert browser.get("/").json()["data"] == {"a": 2}


@BOTH
def test_the_cookie_can_end_with_the_browser(server: Process, prefix: str, middleware: str) -> None:
    options = {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True}
    with site(server, prefix, middleware=middleware, **options) as shop:
        cookie = shop.browser().get("/put", params={"a": "1"}).headers["set-cookie"]
    assert "Max-Age" not in cookie
    assert "expires" not in cookie


def test_a_response_with_a_cookie_is_not_cached(shop: Site) -> None:
    browser = shop.browser()
    assert browser.get("/put", params={"a": "1"}).headers["cache-control"] == "no-store"
    assert browser.get("/").headers["cache-control"] == "private"
    assert browser.get("/cached").headers["cache-control"] == "max-age=60"
    assert "cache-control" not in browser.get("/plain").headers
    assert browser.get("/logout").headers["cache-control"] == "no-store"


def test_the_cookie_can_be_partitioned(server: Process, prefix: str) -> None:
    options = {"SESSION_COOKIE_SAMESITE": "None", "SESSION_COOKIE_SECURE": True}
    with site(server, prefix, middleware=OWN, partitioned=True, **options) as shop:
        browser = shop.browser()
        given = browser.get("/put", params={"a": "1"})
        assert "Partitioned" in given.headers["set-cookie"].split("; ")
        cookie = given.headers["set-cookie"].partition(";")[0]
        taken = browser.get("/logout", headers={"cookie": cookie})
        assert "Partitioned" in taken.headers["set-cookie"].split("; ")
