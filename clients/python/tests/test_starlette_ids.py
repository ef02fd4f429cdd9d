"""IDs of the Starlette middleware over real HTTP: rotation, ended sessions, concurrent writers."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import redis
import starlette_app
from support.servers import GRACE
from support.starlette_site import Maker, Site, Stalled

from redis_session_client import Ids, Sessions
from redis_session_client.starlette import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    SessionMiddleware,
)


@pytest.fixture
def site(shared_starlette: Site, prefix: str) -> Site:
    return shared_starlette


# Rotation.


def test_a_change_of_a_named_member_gives_a_new_id(make: Maker) -> None:
    site = make(rotate_on=["role", "user"])
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        old = browser.cookies["session"]
        with site.commands() as seen:
            reply = browser.post("/write", json={"set": {"role": "admin"}})
        assert seen[1:] == ["SESSION.ROTATE KEY KEY TOKEN PATCH (redacted)"]
        assert reply.headers["cache-control"] == "no-store"
        assert browser.cookies["session"] != old
        assert browser.get("/read").json() == {"n": 1, "role": "admin"}
        assert len(site.live_keys()) == 1
        with site.browser(old) as thief:
            assert thief.get("/read").json() == {}
        assert "set-cookie" not in browser.post("/write", json={"set": {"n": 2}}).headers
        assert "set-cookie" in browser.post("/write", json={"remove": ["role"]}).headers


def test_grace_lets_requests_under_way_finish(make: Maker) -> None:
    site = make(grace=GRACE)
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        stalled = Stalled(browser, {"set": {"slow": 1}})
        browser.post("/write", json={"set": {"user": "ada"}})
        reply = stalled.release()
        assert "set-cookie" not in reply.headers
        assert browser.get("/read").json() == {"n": 1, "user": "ada", "slow": 1}


def test_without_grace_a_write_with_the_old_id_is_dropped(
    site: Site, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    stalled = Stalled(browser, {"set": {"slow": 1}})
    browser.post("/write", json={"set": {"user": "ada"}})
    reply = stalled.release()
    assert "set-cookie" not in reply.headers
    assert "dropped" in caplog.text
    assert browser.get("/read").json() == {"n": 1, "user": "ada"}
    assert len(site.live_keys()) == 1


def test_the_id_is_never_the_requests(site: Site) -> None:
    made_up = "A" * 43
    with site.browser(made_up) as browser:
        assert "set-cookie" not in browser.get("/read").headers
        reply = browser.post("/write", json={"set": {"n": 1}})
        assert reply.cookies["session"] != made_up
    assert site.live_keys() == [Ids(site.prefix).key(reply.cookies["session"])]


def test_rotate_gives_a_new_id_although_nothing_changed(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    old = browser.cookies["session"]
    browser.post("/rotate")
    assert browser.cookies["session"] != old
    assert browser.get("/read").json() == {"n": 1}


def test_remember_sets_max_age_to_the_deadline(make: Maker) -> None:
    site = make(lifetime=1000)
    with site.browser() as browser:
        reply = browser.post("/remember", json={"set": {"n": 1}})
        assert re.search(r"Max-Age=(999|1000)$", reply.headers["set-cookie"])
        reply = browser.post("/write", json={"set": {"user": "ada"}})
        assert "Max-Age" not in reply.headers["set-cookie"]


# Ended sessions and concurrent writers.


@pytest.mark.parametrize("body", [{"set": {"slow": 1}}, {"clear": True}])
def test_a_session_that_ended_meanwhile_is_not_brought_back(
    site: Site, browser: httpx.Client, body: dict[str, Any]
) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    stalled = Stalled(browser, body)
    with site.browser(browser.cookies["session"]) as other:
        other.post("/write", json={"clear": True})
    reply = stalled.release()
    assert reply.status_code == 200
    assert site.live_keys() == []
    assert ("set-cookie" in reply.headers) == ("clear" in body)


def test_a_missing_session_neither_sets_nor_clears_a_cookie(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    site.sessions.delete(site.key(browser))
    for path in ("/read", "/public"):
        assert "set-cookie" not in browser.get(path).headers


def test_requests_that_changed_different_members_both_keep_their_change(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"deep": {"x": 0}, "old": 1}})
    stalled = Stalled(browser, {"code": "s['deep']['a'] = 1; s['one'] = 1; del s['old']"})
    browser.post("/write", json={"code": "s['deep']['b'] = 2; s['two'] = 2; del s['old']"})
    stalled.release()
    assert site.data(browser) == {"deep": {"x": 0, "a": 1, "b": 2}, "one": 1, "two": 2}


def test_of_two_that_changed_the_same_member_the_last_to_answer_stays(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"list": [0], "n": 0}})
    stalled = Stalled(browser, {"code": "s['list'].append(1); s['n'] = 1"})
    browser.post("/write", json={"code": "s['list'].append(2); s['n'] = 2"})
    stalled.release()
    assert site.data(browser) == {"list": [0, 1], "n": 1}


@pytest.mark.parametrize("other", ["del s['deep']", "s['deep'] = None", "s['deep']['x'] = []"])
def test_a_change_inside_what_another_request_removed_makes_it_again(
    site: Site, browser: httpx.Client, other: str
) -> None:
    browser.post("/write", json={"set": {"deep": {"x": {"y": 0}}, "n": 0}})
    stalled = Stalled(browser, {"code": "s['deep']['x']['a'] = 1; del s['deep']['x']['y']"})
    browser.post("/write", json={"code": other + "; s['n'] = 1"})
    assert stalled.release().status_code == 200
    assert site.data(browser) == {"deep": {"x": {"a": 1}}, "n": 1}


def test_many_requests_at_once_all_keep_their_members(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"start": 1}})
    ticket = browser.cookies["session"]

    def write(number: int) -> int:
        with site.browser(ticket) as own:
            return own.post("/write", json={"set": {f"m{number}": number}}).status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(write, range(60))) == [200] * 60
    assert site.data(browser) == {"start": 1, **{f"m{n}": n for n in range(60)}}


# Tickets that disagree, and data that is no session.


def test_two_tickets_that_disagree_are_refused(make: Maker) -> None:
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    site = make(frontends=frontends)
    one = site.sessions.create(f"{site.prefix}*", {"n": 1})
    two = site.sessions.create(f"{site.prefix}*", {"n": 2})
    with site.browser(one.token) as browser:
        assert browser.get("/read", headers={"X-Session": two.token}).status_code == 400
        assert browser.get("/read", headers={"X-Session": one.token}).json() == {"n": 1}
    with site.browser() as browser:
        headers = {"X-Session": two.token}
        reply = browser.post("/write", json={"set": {"user": "ada"}}, headers=headers)
        assert "set-cookie" not in reply.headers
        assert reply.headers["vary"] == "Cookie, X-Session"
        headers = {"X-Session": reply.headers["x-session"]}
        assert browser.get("/read", headers=headers).json() == {"n": 2, "user": "ada"}


def test_a_key_that_holds_something_else_counts_as_no_session(
    site: Site, browser: httpx.Client
) -> None:
    ticket = "B" * 42 + "A"
    key = Ids(site.prefix).key(ticket)
    assert key is not None
    site.raw.set(key, "text")
    with site.browser(ticket) as browser:
        assert browser.get("/read").json() == {}
        assert browser.post("/write", json={"set": {"n": 1}}).cookies["session"] != ticket
    assert site.raw.get(key) == "text"


def test_data_that_is_no_object_counts_as_none_and_ends_when_replaced(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    made = site.sessions.create(f"{site.prefix}*", [1, 2])
    with site.browser(made.token) as browser:
        reply = browser.get("/read")
        assert reply.json() == {}
        assert "set-cookie" not in reply.headers
        assert "no object" in caplog.text
        browser.post("/write", json={"set": {"n": 1}})
        assert browser.get("/read").json() == {"n": 1}
    assert made.key not in site.live_keys()


def test_the_schema_is_that_of_new_sessions_and_is_checked_at_each_request(
    make: Maker, raw: redis.Redis, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = prefix + "schema"
    Sessions(raw).schema_set(name, {"properties": {"n": {"type": "integer"}}})
    site = make(schema=name)
    try:
        with site.browser() as browser:
            browser.post("/write", json={"set": {"n": 1}})
            refused = browser.post("/write", json={"set": {"n": "one"}})
            assert (refused.status_code, refused.text) == (500, "Internal Server Error")
            assert site.data(browser) == {"n": 1}
            site.sessions.schema_set(name, {"required": ["m"]})
            caplog.set_level(logging.WARNING, "redis_session_client")
            assert browser.get("/read").json() == {}
            assert "/m" in caplog.text or "required" in caplog.text
            site.sessions.schema_delete(name)
            assert browser.get("/read").status_code == 500
    finally:
        site.sessions.schema_delete(name)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"rotate_on": "user"}, TypeError),
        ({"rolling": True}, ValueError),
        ({"rolling": "no", "lifetime": 1}, TypeError),
        ({"max_sessions": 1}, ValueError),
        ({"max_sessions": 0, "user": "user"}, ValueError),
        ({"lifetime": "1h"}, TypeError),
        ({"lifetime": 0}, ValueError),
        ({"idle": -1}, ValueError),
        ({"grace": 1.5}, TypeError),
        ({"grace": 0}, ValueError),
        ({"user": ""}, TypeError),
        ({"schema": 1}, TypeError),
        ({"schemas": {1: {}}}, TypeError),
        ({"codec": object()}, TypeError),
        ({"lazy": 1}, TypeError),
        ({"check_origin": "yes"}, TypeError),
        ({"origins": "https://a.test"}, TypeError),
        ({"origins": ["a.test"]}, ValueError),
        ({"check_every": 0}, ValueError),
        ({"prefix": 1}, TypeError),
        ({"backend": redis.Redis()}, TypeError),
        ({"backend": 5}, TypeError),
        ({"insecure": True, "frontends": [CookieFrontend()]}, TypeError),
    ],
    ids=range(23),
)
def test_settings_that_make_no_sense_are_refused(
    wrong: dict[str, Any], error: type[Exception]
) -> None:
    app = starlette_app.make("redis://127.0.0.1:1")
    with pytest.raises(error) as refused:
        SessionMiddleware(app, **wrong)
    assert str(refused.value).isascii()
