"""The Starlette middleware over real HTTP: `request.session`, and what the server is told."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import redis
import starlette_app
from support.servers import GRACE, eventually
from support.starlette_site import Maker, Site, Stalled

from redis_session import Ids, Raw, Sessions
from redis_session.starlette import CookieFrontend, CookiePolicy, HeaderFrontend, SessionMiddleware


@pytest.fixture
def site(shared_starlette: Site, prefix: str) -> Site:
    return shared_starlette


# A dict, as Starlette has it.


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
    assert browser.get("/read").headers["vary"] == "Cookie"
    assert "vary" not in browser.get("/public").headers


# How often, and with what, the server is asked.


def test_a_request_costs_one_verify_and_a_change_one_patch(
    site: Site, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"a": 1}})
    with site.commands() as seen:
        browser.get("/read")
        browser.post("/write", json={"set": {"a": 1}})
    assert seen == ["SESSION.VERIFY KEY WITHINFO"] * 2
    with site.commands() as seen:
        browser.post("/write", json={"set": {"a": 2, "b": {"c": 1}}, "remove": ["a"]})
    assert seen == ["SESSION.VERIFY KEY WITHINFO", "SESSION.PATCH KEY (redacted)"]


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
        # Not the ttl, which depends on how long the test takes.
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


# Sessions that end, and writers at the same time.


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


# Where the ticket is, and what is in the way.


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
            caplog.set_level(logging.WARNING, "redis_session")
            assert browser.get("/read").json() == {}
            assert "/m" in caplog.text or "required" in caplog.text
            site.sessions.schema_delete(name)
            assert browser.get("/read").status_code == 500
    finally:
        site.sessions.schema_delete(name)


def test_settings_that_make_no_sense_are_refused() -> None:
    app = starlette_app.make("redis://127.0.0.1:1")
    for wrong in ({"rotate_on": "user"}, {"rolling": True}, {"max_sessions": 1}):
        with pytest.raises((TypeError, ValueError)):
            SessionMiddleware(app, **wrong)
