"""`flask.session` over real HTTP: reading, writing, ending, and what the server is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask import Flask
from support.commands import INFO
from support.flask_site import FlaskMaker, FlaskSite
from support.servers import Process, eventually
from support.starlette_site import Stalled

from redis_session_client.flask import session_refused


@pytest.fixture
def site(shared_flask: FlaskSite, prefix: str) -> FlaskSite:
    return shared_flask


def write(browser: httpx.Client, **body: Any) -> httpx.Response:
    reply = browser.post("/write", json=body)
    assert reply.status_code == 200, reply.text
    return reply


# Reading and writing.


def test_members_come_back_in_the_next_request(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"n": 1, "deep": {"list": [1, {"a": None}]}})
    assert browser.get("/read").json() == {"n": 1, "deep": {"list": [1, {"a": None}]}}
    assert site.data(browser) == browser.get("/read").json()


@pytest.mark.parametrize(
    "code",
    [
        "s['cart']['lines'].append(2)",
        "s['cart']['more'] = {}",
        "s['cart'].update(more=1)",
        "s['list'][0]['x'] = 1",
        "del s['cart']['lines']",
        "s.setdefault('new', []).append(1)",
        "s |= {'cart': 0}",
        "s['list'][0] = True",
    ],
)
def test_a_change_in_place_is_saved(browser: httpx.Client, site: FlaskSite, code: str) -> None:
    data = {"cart": {"lines": [1]}, "list": [{"x": 0}]}
    write(browser, set=data)
    expected: dict[str, Any] = {"s": data}
    exec(code, expected)  # noqa: S102
    write(browser, code=code)
    assert site.data(browser) == expected["s"]


def test_a_visitor_who_stores_nothing_gets_no_session(
    site: FlaskSite, browser: httpx.Client
) -> None:
    for reply in (
        browser.get("/read"),
        browser.get("/public"),
        write(browser, set={}),
        write(browser, code="s.permanent = True"),
        write(browser, code="s.pop('none', None); s.modified = True"),
    ):
        assert "set-cookie" not in reply.headers
    assert site.live_keys() == []


def test_an_emptied_session_is_a_logout(site: FlaskSite, browser: httpx.Client) -> None:
    for body in ({"clear": True}, {"remove": ["n"]}, {"code": "sessions.logout()"}):
        write(browser, set={"n": 1})
        reply = write(browser, **body)
        assert "Max-Age=0" in reply.headers["set-cookie"]
        assert reply.headers["cache-control"] == "no-store"
        assert "session" not in browser.cookies
        assert site.live_keys() == []


def test_what_is_written_after_clear_begins_a_new_session(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"secret": 1})
    old = browser.cookies["session"]
    write(browser, code="s.clear(); s['lang'] = 'en'")
    assert browser.cookies["session"] != old
    assert site.data(browser) == {"lang": "en"}
    assert len(site.live_keys()) == 1


def test_shown_messages_are_no_logout(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"_flashes": [["message", "hello"]]})
    reply = write(browser, remove=["_flashes"])
    assert "set-cookie" not in reply.headers
    assert site.data(browser) == {}


@pytest.mark.parametrize("made_up", ["A" * 43, "a" * 32, "made-up"])
def test_a_made_up_id_never_becomes_a_session(site: FlaskSite, made_up: str) -> None:
    with site.browser(made_up) as browser:
        assert browser.get("/read").json() == {}
        reply = write(browser, set={"n": 1})
        assert made_up not in reply.headers["set-cookie"]
    assert len(site.live_keys()) == 1


def test_a_request_with_two_tickets_is_refused(site: FlaskSite) -> None:
    with site.browser() as one, site.browser() as two:
        write(one, set={"n": 1})
        write(two, set={"n": 2})
        cookies = f"session={one.cookies['session']}; session={two.cookies['session']}"
    heard: list[Any] = []

    def hear(sender: Flask, **told: Any) -> None:
        heard.append(told)

    with site.browser() as browser, session_refused.connected_to(hear, site.app):
        assert browser.get("/read", headers={"Cookie": cookies}).status_code == 400
        assert browser.get("/public", headers={"Cookie": cookies}).status_code == 200
        reply = browser.post("/write", json={"clear": True}, headers={"Cookie": cookies})
        assert (reply.status_code, "Max-Age=0" in reply.headers["set-cookie"]) == (200, True)
    assert heard == [{"reason": "two_sessions"}]


def test_the_dict_has_what_flask_promises(browser: httpx.Client) -> None:
    def told(code: str) -> Any:
        return browser.post("/eval", json=code).json()

    assert told("[s.new, s.modified, s.permanent, bool(s), len(s)]") == [
        True,
        False,
        False,
        False,
        0,
    ]
    write(browser, set={"n": 1, "deep": {"m": 2}})
    assert told("[s.new, s.modified, s.accessed, list(s), s.copy()]") == [
        False,
        False,
        True,
        ["n", "deep"],
        {"n": 1, "deep": {"m": 2}},
    ]
    assert told("[s['deep'].update(m=3), s.modified]") == [None, True]
    assert told("[isinstance(s, dict), 'n' in s, {**s}, s == {'n': 1, 'deep': {'m': 2}}]")[:2] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "code",
    [
        "dict(o)",
        "{**o}",
        "o | {}",
        "{} | o",
        "list(o.items())",
        "sorted(o)",
        "json.dumps(o)",
        "repr(o)",
        "o == {'n': 1}",
        "len(o)",
        "bool(o)",
        "copy.copy(o)",
        "dict(o.items())",
        "list(reversed(o))",
    ],
)
def test_no_way_into_the_dict_shows_it_empty(browser: httpx.Client, code: str) -> None:
    write(browser, set={"n": 1})
    # The object itself, as a subclass or a test's session_transaction has it, not Flask's proxy.
    given = "__import__('{}')"
    names = "(lambda o, json, copy: {})(s._get_current_object(), {}, {})"
    if code == "json.dumps(o)":
        code = "json.dumps(o | {})"
    told = browser.post(
        "/eval", json=names.format(code, given.format("json"), given.format("copy"))
    ).json()
    plain = {"o": {"n": 1}, "json": __import__("json"), "copy": __import__("copy")}
    expected = eval(code, plain)  # noqa: S307
    assert told == (expected if not isinstance(expected, list) else [*map(_as_json, expected)])


def _as_json(item: Any) -> Any:
    return list(item) if isinstance(item, tuple) else item


def test_modified_set_to_false_leaves_the_changes_unsaved(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"n": 1})
    write(browser, code="s['n'] = 2; s.modified = False")
    assert site.data(browser) == {"n": 1}


# The commands that the server gets.


def test_a_route_that_never_looks_costs_no_round_trip(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"n": 1})
    with site.commands() as seen:
        reply = browser.get("/public")
        browser.get("/static/none.css")
    assert seen == []
    assert "vary" not in reply.headers
    assert "cache-control" not in reply.headers


def test_a_read_is_one_verify_and_a_change_one_patch(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"n": 1})
    with site.commands() as seen:
        browser.get("/read")
        write(browser, set={"n": 1})
    assert seen == [f"SESSION.VERIFY KEY {INFO}"] * 2
    with site.commands() as seen:
        write(browser, set={"n": 2, "b": {"c": 1}})
    assert seen == [f"SESSION.VERIFY KEY {INFO}", "SESSION.PATCH KEY (redacted)"]


def test_a_logout_is_one_del(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"n": 1})
    with site.commands() as seen:
        write(browser, clear=True)
    assert seen == ["SESSION.DEL KEY"]


def test_what_has_not_the_shape_of_a_ticket_is_not_asked_for(site: FlaskSite) -> None:
    made = site.sessions.create(f"{site.prefix}*", {"n": 1})
    handle = made.key.removeprefix(site.prefix)
    with site.commands() as seen:
        for forged in (
            handle,
            made.key,
            made.token[:-1],
            made.token + "A",
            "*",
            "../" + made.token,
        ):
            with site.browser(forged) as browser:
                assert browser.get("/read").json() == {}
    assert seen == []


# Headers.


def test_what_was_made_of_a_session_is_private_and_varies(
    browser: httpx.Client, site: FlaskSite
) -> None:
    assert browser.get("/read").headers["vary"] == "Cookie"
    reply = write(browser, set={"n": 1})
    assert (reply.headers["vary"], reply.headers["cache-control"]) == ("Cookie", "no-store")
    reply = browser.get("/read")
    assert (reply.headers["vary"], reply.headers["cache-control"]) == ("Cookie", "private")


# Requests at the same time.


def test_ten_requests_at_once_keep_all_their_changes(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"cart": {}})
    stalled = [
        Stalled(browser, {"code": f"s['cart']['{n}'] = {n}; s['m{n}'] = [{n}]"}) for n in range(10)
    ]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda one: one.release(), stalled))
    expected: dict[str, Any] = {"cart": {str(n): n for n in range(10)}}
    assert site.data(browser) == expected | {f"m{n}": [n] for n in range(10)}


def test_a_session_that_ends_during_a_slow_request_does_not_come_back(
    site: FlaskSite, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    write(browser, set={"n": 1})
    stalled = Stalled(browser, {"set": {"n": 2}})
    write(browser, clear=True)
    reply = stalled.release()
    assert "set-cookie" not in reply.headers
    assert site.live_keys() == []
    assert "dropped" in caplog.text


def test_a_request_that_comes_after_the_logout_makes_no_session(
    site: FlaskSite, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    write(browser, set={"n": 1})
    old = browser.cookies["session"]
    write(browser, clear=True)
    with site.browser(old) as late:
        reply = write(late, set={"n": 2})
    assert "set-cookie" not in reply.headers
    assert site.live_keys() == []
    assert "dropped" in caplog.text


def test_a_cookie_that_expired_long_ago_begins_anew(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"n": 1})
    site.raw.delete(site.key(browser))
    reply = write(browser, set={"n": 2})
    assert "set-cookie" in reply.headers
    assert site.data(browser) == {"n": 2}


def test_two_requests_may_each_add_to_an_object_that_the_other_removed(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"a": {"b": {"c": 1}}, "z": 0})
    stalled = Stalled(browser, {"code": "s['a']['b']['d'] = 2"})
    write(browser, remove=["a"])
    stalled.release()
    assert site.data(browser) == {"z": 0, "a": {"b": {"d": 2}}}


# Errors.


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_error_response_saves_what_is_no_login(
    site: FlaskSite, browser: httpx.Client, status: int
) -> None:
    write(browser, set={"n": 1})
    assert browser.post(f"/fails/{status}", json={"set": {"n": status}}).status_code == status
    assert site.data(browser) == {"n": status}
    assert browser.post("/breaks", json={"set": {"n": 2}}).status_code == 500
    assert site.data(browser) == {"n": 2}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "s['cart'] = {'price': __import__('decimal').Decimal(1)}",
            "member /cart/price is of type Decimal",
        ),
        ("s['x'] = [1, (object(),)]", "member /x/1/ t/0 is of type object"),
        ("s['x'] = float('nan')", "member /x is NaN"),
        ("s['x'] = '\\ud800'", "member /x has a text with half"),
        ("s['x'] = {(1, 2): 3}", "a name in the session's /x is of type tuple"),
        ("s['x'] = [1]; s['x'].append(s['x'])", "contains itself"),
    ],
)
def test_what_cannot_be_stored_is_named(
    site: FlaskSite, browser: httpx.Client, caplog: pytest.LogCaptureFixture, code: str, told: str
) -> None:
    assert browser.post("/write", json={"code": code}).status_code == 500
    assert told in caplog.text
    assert site.live_keys() == []


# A streamed response.


def test_a_streamed_response_saves_before_it_and_after_it(
    site: FlaskSite, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    reply = browser.post("/streams", json={"set": {"n": 1}})
    assert reply.text == "ab"
    assert "session" in reply.cookies
    eventually("what the stream changed", lambda: site.data(browser) == {"before": True, "n": 1})
    browser.post("/streams", json={"code": "sessions.rotate()"})
    eventually("the log", lambda: "needs a cookie: not saved" in caplog.text)
    browser.post("/streams", json={"clear": True})
    eventually("the logout", lambda: site.live_keys() == [])


# Several applications.


def test_two_applications_with_prefixes_of_their_own_see_no_session_of_the_other(
    make_flask: FlaskMaker, server: Process, prefix: str
) -> None:
    one, two = make_flask(), make_flask(prefix=f"{prefix}two:")
    with one.browser() as browser:
        write(browser, set={"n": 1})
        with two.browser(browser.cookies["session"]) as stranger:
            assert stranger.get("/read").json() == {}
