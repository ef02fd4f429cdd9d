"""The Starlette middleware with the `user` setting: logins, devices, logging out."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from support.commands import INFO
from support.starlette_site import Maker, Site, Stalled


@pytest.fixture(scope="module")
def starlette_options() -> dict[str, Any]:
    return {"user": "user"}


@pytest.fixture
def site(shared_starlette: Site, prefix: str) -> Site:
    return shared_starlette


def log_in(browser: httpx.Client, user: Any = "ada", **more: Any) -> httpx.Response:
    return browser.post("/write", json={"set": {"user": user, **more}})


def test_a_login_is_one_rotate_with_the_user_and_the_change(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"cart": [1]}})
    old = browser.cookies["session"]
    with site.commands() as seen:
        log_in(browser)
    assert seen == [
        f"SESSION.VERIFY KEY {INFO}",
        "SESSION.ROTATE KEY KEY TOKEN PATCH (redacted) USER KEY",
    ]
    assert browser.cookies["session"] != old
    assert browser.get("/about").json() == {"user": "ada", "live": True}
    assert site.info(browser).user == site.prefix + "ada"
    assert browser.get("/read").json() == {"cart": [1], "user": "ada"}


def test_a_login_without_a_session_makes_one_with_its_user(
    site: Site, browser: httpx.Client
) -> None:
    with site.commands() as seen:
        log_in(browser, 42)
    assert seen == ["SESSION.SET KEY (redacted) TOKEN USER KEY"]
    assert browser.get("/about").json()["user"] == "42"
    assert browser.get("/read").json() == {"user": 42}


def test_another_user_gets_a_session_of_their_own_with_nothing_inherited(
    site: Site, browser: httpx.Client
) -> None:
    log_in(browser, secret="ada's", deep={"of": "ada"}, same="s", role="user")
    adas = site.key(browser)
    code = "s['deep']['more'] = 1; s |= {'role': 'user'}"
    browser.post("/write", json={"set": {"user": "bob", "own": 1, "same": "s"}, "code": code})
    assert browser.get("/read").json() == {"user": "bob", "own": 1, "same": "s", "role": "user"}
    assert browser.get("/about").json()["user"] == "bob"
    assert site.live_keys() == [site.key(browser)] != [adas]


def test_a_login_during_which_the_session_ended_logs_in(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"cart": [1]}})
    stalled = Stalled(browser, {"set": {"user": "ada", "name": "Ada"}})
    site.sessions.delete(site.key(browser))
    reply = stalled.release()
    with site.browser(reply.cookies["session"]) as ada:
        assert ada.get("/read").json() == {"user": "ada", "name": "Ada"}
        assert ada.get("/about").json()["user"] == "ada"


def test_a_login_that_meets_a_conflict_keeps_its_change(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"deep": {"x": 1}}})
    stalled = Stalled(browser, {"set": {"user": "ada"}, "code": "s['deep']['a'] = 1"})
    browser.post("/write", json={"set": {"other": 1}, "remove": ["deep"]})
    reply = stalled.release()
    with site.browser(reply.cookies["session"]) as ada:
        assert ada.get("/read").json() == {"user": "ada", "deep": {"a": 1}, "other": 1}


def test_the_user_leaves_and_what_is_left_goes_on_in_another_session(
    site: Site, browser: httpx.Client
) -> None:
    log_in(browser, theme="dark")
    adas = site.key(browser)
    reply = browser.post("/write", json={"remove": ["user"]})
    assert "set-cookie" in reply.headers
    assert browser.get("/read").json() == {"theme": "dark"}
    assert browser.get("/about").json() == {"user": None, "live": True}
    assert site.live_keys() == [site.key(browser)] != [adas]


def test_the_user_leaves_a_session_that_has_ended_and_nothing_is_made(
    site: Site, browser: httpx.Client
) -> None:
    log_in(browser, theme="dark")
    stalled = Stalled(browser, {"remove": ["user"]})
    site.sessions.delete(site.key(browser))
    assert "set-cookie" not in stalled.release().headers
    assert site.live_keys() == []


def test_rotate_is_a_login_of_the_same_user(site: Site, browser: httpx.Client) -> None:
    log_in(browser)
    with site.commands() as seen:
        browser.post("/rotate")
    assert seen[1:] == ["SESSION.ROTATE KEY KEY TOKEN PATCH (redacted) USER KEY"]
    assert browser.get("/about").json()["user"] == "ada"


def test_a_user_of_another_type_is_an_error(site: Site, browser: httpx.Client) -> None:
    for wrong in ({"id": 1}, True, 1.5):
        assert log_in(browser, wrong).status_code == 500
    assert site.live_keys() == []


def test_a_login_ends_the_sessions_beyond_the_limit(make: Maker) -> None:
    site = make(user="user", max_sessions=2)
    browsers = [site.browser() for _ in range(3)]
    for browser in browsers:
        log_in(browser)
        time.sleep(0.003)  # logins of the same millisecond have no order
    assert [b.get("/about").json()["live"] for b in browsers] == [False, True, True]
    for browser in browsers:
        browser.close()


def test_devices_are_listed_and_ended_by_a_handle_that_is_no_ticket(
    site: Site, browser: httpx.Client
) -> None:
    log_in(browser, name="desk")
    with site.browser() as phone, site.browser() as bobs:
        log_in(phone, name="phone")
        log_in(bobs, "bob", name="bob's")
        found = browser.get("/devices").json()
        assert sorted((current, values) for _, current, values in found) == [
            (False, {"/name": "phone"}),
            (True, {"/name": "desk"}),
        ]
        ((handle, *_),) = [device for device in found if not device[1]]
        assert re.fullmatch(r"[0-9a-f]{32}", handle)
        assert handle not in site.key(phone)
        assert bobs.post("/end_device", params={"handle": handle}).json() is False
        assert browser.post("/end_device", params={"handle": handle}).json() is True
        live = [b.get("/about").json()["live"] for b in (browser, phone, bobs)]
        assert live == [True, False, True]


def test_others_and_everywhere(site: Site, browser: httpx.Client) -> None:
    log_in(browser)
    with site.browser() as phone, site.browser() as bobs:
        log_in(phone)
        log_in(bobs, "bob")
        assert browser.post("/end_others").json() == 1
        live = [b.get("/about").json()["live"] for b in (browser, phone, bobs)]
        assert live == [True, False, True]
        log_in(phone)
        reply = browser.post("/end_everywhere")
        assert reply.json() == 2
        assert "Max-Age=0" in reply.headers["set-cookie"]
        live = [b.get("/about").json()["live"] for b in (browser, phone, bobs)]
        assert live == [False, False, True]


def test_who_has_no_user_has_no_devices(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    assert browser.get("/devices").json() == []
    for path in ("/end_others", "/end_everywhere"):
        assert browser.post(path).json() == 0
    assert browser.post("/end_device", params={"handle": "0" * 32}).json() is False
    assert browser.get("/read").json() == {"n": 1}
