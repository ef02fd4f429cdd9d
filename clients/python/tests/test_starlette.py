"""The Starlette middleware over real HTTP: `request.session`, and the commands it becomes."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from support.commands import INFO
from support.servers import eventually
from support.starlette_site import Maker, Site

from redis_session_client import Raw


@pytest.fixture
def site(shared_starlette: Site, prefix: str) -> Site:
    return shared_starlette


# A dict like that of Starlette's own middleware.


def test_nothing_stored_makes_no_session_and_no_cookie(site: Site, browser: httpx.Client) -> None:
    with site.commands() as seen:
        reply = browser.get("/read")
    assert reply.json() == {}
    assert "set-cookie" not in reply.headers
    assert seen == []


def test_what_is_stored_is_there_in_the_next_request(site: Site, browser: httpx.Client) -> None:
    reply = browser.post("/write", json={"set": {"n": 1, "none": None, "deep": {"list": [1]}}})
    assert re.fullmatch(
        r"session=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", reply.headers["set-cookie"]
    )
    assert reply.headers["cache-control"] == "no-store"
    assert browser.get("/read").json() == {"n": 1, "none": None, "deep": {"list": [1]}}
    assert site.data(browser) == {"n": 1, "none": None, "deep": {"list": [1]}}


def test_the_cookie_is_host_bound_and_secure_unless_told_otherwise(make: Maker) -> None:
    with make(insecure=False).browser() as browser:
        reply = browser.post("/write", json={"set": {"n": 1}})
    assert re.fullmatch(
        r"__Host-session=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure",
        reply.headers["set-cookie"],
    )


def test_none_is_a_value(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"a": 1, "b": 2}})
    browser.post("/write", json={"set": {"a": None}})
    assert site.data(browser) == {"a": None, "b": 2}


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("s['d']['e']['f'].append(2)", {"d": {"e": {"f": [1, 2]}}, "k": 1}),
        ("s['d']['e']['g'] = None", {"d": {"e": {"f": [1], "g": None}}, "k": 1}),
        ("del s['d']['e']['f']", {"d": {"e": {}}, "k": 1}),
        ("s['d'] = s['k']", {"d": 1, "k": 1}),
        ("s['k'] = True", {"d": {"e": {"f": [1]}}, "k": True}),
        ("s['k'] = 1.5", {"d": {"e": {"f": [1]}}, "k": 1.5}),
        ("s['d']['e']['f'][0] = False", {"d": {"e": {"f": [False]}}, "k": 1}),
        ("s['a/b~c'] = (1, 2)", {"d": {"e": {"f": [1]}}, "k": 1, "a/b~c": [1, 2]}),
        ("s[''] = {7: 8}", {"d": {"e": {"f": [1]}}, "k": 1, "": {"7": 8}}),
        ("s.pop('k'); s.setdefault('d', 9)", {"d": {"e": {"f": [1]}}}),
    ],
)
def test_a_change_at_any_depth_is_noticed(
    site: Site, browser: httpx.Client, code: str, result: Any
) -> None:
    browser.post("/write", json={"set": {"d": {"e": {"f": [1]}}, "k": 1}})
    browser.post("/write", json={"code": code})
    data = site.data(browser)
    assert (data, repr(data)) == (result, repr({name: result[name] for name in data}))


def test_what_is_not_touched_keeps_its_bytes(site: Site, browser: httpx.Client) -> None:
    created = site.sessions.create(
        f"{site.prefix}*", Raw('{ "big": 123456789012345678901234567890.10, "n": 1}')
    )
    browser.cookies.set("session", created.token)
    browser.post("/write", json={"set": {"n": 2}})
    found = site.sessions.get(created.key)
    assert found is not None
    assert found.text == '{ "big": 123456789012345678901234567890.10, "n": 2}'


def test_what_is_no_json_is_an_error_and_stores_nothing(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    assert browser.post("/write", json={"code": "s['n'] = object()"}).status_code == 500
    assert browser.post("/write", json={"code": "s['n'] = float('nan')"}).status_code == 500
    assert site.data(browser) == {"n": 1}


def test_an_emptied_dict_ends_the_session_and_takes_the_cookie(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    ticket = browser.cookies["session"]
    reply = browser.post("/write", json={"clear": True})
    assert reply.headers["set-cookie"] == (
        'session=""; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; '
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    )
    assert reply.headers["cache-control"] == "no-store"
    assert site.live_keys() == []
    with site.browser(ticket) as thief:
        assert thief.get("/read").json() == {}


def test_cleared_and_filled_again_it_goes_on(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"a": 1, "b": 2}})
    reply = browser.post("/write", json={"clear": True, "set": {"b": 2, "c": 3}})
    assert "set-cookie" not in reply.headers
    assert site.data(browser) == {"b": 2, "c": 3}


def test_responses_that_looked_at_the_session_vary_by_it(browser: httpx.Client) -> None:
    for _ in range(2):
        assert browser.get("/read").headers["vary"] == "Cookie"
        assert "vary" not in browser.get("/public").headers
        assert "cache-control" not in browser.get("/public").headers
        browser.post("/write", json={"set": {"n": 1}})


# The commands that the server gets.


def test_a_request_costs_one_verify_and_a_change_one_patch(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"a": 1}})
    with site.commands() as seen:
        browser.get("/read")
        browser.post("/write", json={"set": {"a": 1}})
    assert seen == [f"SESSION.VERIFY KEY {INFO}"] * 2
    with site.commands() as seen:
        browser.post("/write", json={"set": {"a": 2, "b": {"c": 1}}, "remove": ["a"]})
    assert seen == [f"SESSION.VERIFY KEY {INFO}", "SESSION.PATCH KEY (redacted)"]


def test_what_has_not_the_shape_of_a_ticket_is_not_asked_for(site: Site) -> None:
    made = site.sessions.create(f"{site.prefix}*", {"n": 1})
    handle = made.key.removeprefix(site.prefix)
    forged = [handle, made.key, made.token[:-1], made.token + "A", "*", "", "../" + made.token]
    with site.commands() as seen:
        for ticket in forged:
            with site.browser(ticket) as browser:
                assert browser.get("/read").json() == {}
    assert seen == []


def test_the_rolling_expiry_goes_with_the_change(make: Maker) -> None:
    site = make(rolling=True, lifetime=1000, idle=500)
    with site.browser() as browser:
        with site.commands() as seen:
            browser.post("/write", json={"set": {"a": 1}})
        assert seen == ["SESSION.SET KEY (redacted) TOKEN EX 1000 IDLE 500"]
        site.sessions.touch(site.key(browser), ex=900)
        with site.commands() as seen:
            browser.post("/write", json={"set": {"a": 2}})
        assert seen[1:] == ["SESSION.PATCH KEY (redacted) EX 1000 IDLE 500"]
        # Check deadline and idle timeout: the ttl would depend on the time that this test takes.
        info = site.info(browser)
        assert info.deadline is not None
        assert info.deadline - info.accessed >= 1_000_000
        assert info.idle == 500_000
        with site.commands() as seen:
            browser.get("/read")
        assert seen[1:] == ["SESSION.PATCH KEY (redacted) EX 1000 IDLE 500"]
        assert site.info(browser).version == 2


def test_without_rolling_a_change_leaves_the_deadline(make: Maker) -> None:
    site = make(lifetime=1000)
    with site.browser() as browser:
        browser.post("/write", json={"set": {"a": 1}})
        before = site.info(browser).deadline
        browser.post("/write", json={"set": {"a": 2}})
        assert site.info(browser).deadline == before


# Errors and late changes.


def test_an_error_response_is_saved_and_a_crash_is_not(site: Site, browser: httpx.Client) -> None:
    assert browser.post("/fails", json={"set": {"n": 1}}).status_code == 418
    assert browser.get("/read").json() == {"n": 1}
    assert browser.post("/breaks", json={"set": {"n": 2}}).status_code == 500
    assert browser.get("/read").json() == {"n": 1}


def test_a_streamed_response_saves_before_it_and_after_it(
    site: Site, browser: httpx.Client
) -> None:
    reply = browser.post("/streams", json={"set": {"n": 1}})
    assert reply.text == "ab"
    assert "session" in reply.cookies
    eventually("what the stream changed", lambda: site.data(browser) == {"before": True, "n": 1})


def test_a_background_task_changes_and_ends_a_session(site: Site, browser: httpx.Client) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    browser.post("/background", json={"set": {"n": 2}})
    eventually("what the task changed", lambda: site.data(browser) == {"n": 2})
    browser.post("/background", json={"clear": True})
    eventually("the end of the session", lambda: site.live_keys() == [])


def test_what_needs_a_cookie_after_the_response_is_logged_as_lost(
    site: Site, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    browser.post("/background", json={"set": {"n": 1}})
    eventually("the log", lambda: "not saved" in caplog.text)
    assert site.live_keys() == []
    browser.post("/write", json={"set": {"n": 1}})
    caplog.clear()
    browser.post("/background", json={"set": {"user": "ada"}})
    eventually("the log", lambda: "not saved" in caplog.text)
    assert site.data(browser) == {"n": 1}
