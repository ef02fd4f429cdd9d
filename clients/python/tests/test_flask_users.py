"""Users of `flask.session`: logins, rotations, devices, and logins of error responses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from support.commands import INFO
from support.flask_site import FlaskMaker, FlaskSite
from support.starlette_site import Stalled

from redis_session_client.flask import (
    session_logged_in,
    session_logged_out,
    session_lost,
    session_refused,
)

LASTS = f"PERSIST PIDLE {31 * 24 * 3600 * 1000}"
"""The lifetime of a session by default: PERMANENT_SESSION_LIFETIME after its last use."""


@pytest.fixture(scope="module")
def flask_options() -> dict[str, Any]:
    return {"user": "user_id"}


@pytest.fixture
def site(shared_flask: FlaskSite, prefix: str) -> FlaskSite:
    return shared_flask


def write(browser: httpx.Client, **body: Any) -> httpx.Response:
    reply = browser.post("/write", json=body)
    assert reply.status_code == 200, reply.text
    return reply


def told(browser: httpx.Client, code: str) -> Any:
    reply = browser.post("/eval", json=code)
    assert reply.status_code == 200, reply.text
    return reply.json()


def log_in(browser: httpx.Client, user: str = "ada") -> None:
    write(browser, code=f"sessions.login({user!r}, name={user.title()!r})")


# Logins.


def test_a_login_is_one_rotate_that_keeps_the_visitors_data(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"cart": [7]})
    old = browser.cookies["session"]
    with site.commands() as seen:
        log_in(browser)
    assert seen[0] == f"SESSION.VERIFY KEY {INFO}"
    (rotate,) = seen[1:]
    assert rotate == f"SESSION.ROTATE KEY KEY TOKEN PATCH (redacted) USER KEY {LASTS}"
    assert browser.cookies["session"] != old
    assert site.data(browser) == {"cart": [7], "user_id": "ada", "name": "Ada"}
    assert told(browser, "sessions.user") == "ada"
    with site.browser(old) as stranger:
        assert stranger.get("/read").json() == {}


def test_a_change_of_the_users_member_is_a_login(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"user_id": 5})
    assert site.info(browser).user == f"{site.prefix}5"
    assert told(browser, "[sessions.user, sessions.info.user]") == ["5", "5"]


def test_a_login_without_a_session_is_one_set(site: FlaskSite, browser: httpx.Client) -> None:
    with site.commands() as seen:
        log_in(browser)
    assert seen == [f"SESSION.SET KEY (redacted) TOKEN USER KEY {LASTS}"]
    assert site.data(browser) == {"user_id": "ada", "name": "Ada"}


def test_another_user_inherits_nothing(site: FlaskSite, browser: httpx.Client) -> None:
    log_in(browser)
    write(browser, set={"secret": 1})
    log_in(browser, "grace")
    assert site.data(browser) == {"user_id": "grace", "name": "Grace"}
    assert len(site.live_keys()) == 1


@pytest.mark.parametrize(
    "code",
    [
        "sessions.login('grace', role='user')",
        "s['user_id'] = 'grace'; s['role'] = 'user'",
        "s.update({'user_id': 'grace'}, role='user')",
        "s |= {'user_id': 'grace', 'role': 'user'}",
        "s.update(pair for pair in [('user_id', 'grace'), ('role', 'user')])",
        "s.setdefault('secret', 2); sessions.login('grace', role='user')",
    ],
)
def test_another_user_keeps_what_the_login_set_to_the_same_value(
    site: FlaskSite, browser: httpx.Client, code: str
) -> None:
    write(browser, set={"user_id": "ada", "role": "user", "secret": 1})
    write(browser, code=code)
    assert site.data(browser) == {"user_id": "grace", "role": "user"}


def test_an_administrator_ends_the_sessions_of_a_user(
    site: FlaskSite, browser: httpx.Client
) -> None:
    log_in(browser)
    sessions = site.app.extensions["redis_session_client"]
    with site.app.app_context():
        assert sessions.end_user("ada") == 1
        assert sessions.end_user("ada") == 0
    assert browser.get("/read").json() == {}


def test_a_removed_user_is_a_logout_that_keeps_the_other_members(
    site: FlaskSite, browser: httpx.Client
) -> None:
    log_in(browser)
    old = browser.cookies["session"]
    write(browser, remove=["user_id"])
    assert browser.cookies["session"] != old
    assert site.data(browser) == {"name": "Ada"}
    assert site.info(browser).user is None
    log_in(browser)
    write(browser, remove=["user_id", "name"])
    assert "session" not in browser.cookies
    assert site.live_keys() == []


def test_a_login_after_clear_is_a_new_session(site: FlaskSite, browser: httpx.Client) -> None:
    log_in(browser)
    write(browser, set={"secret": 1})
    write(browser, code="s.clear(); s['user_id'] = 'ada'")
    assert site.data(browser) == {"user_id": "ada"}
    assert len(site.live_keys()) == 1


def test_a_login_during_a_slow_request_keeps_the_login(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"n": 1})
    stalled = Stalled(browser, {"set": {"n": 2}})
    log_in(browser)
    reply = stalled.release()
    assert "set-cookie" not in reply.headers
    assert site.data(browser) == {"n": 1, "user_id": "ada", "name": "Ada"}


def test_ten_logins_at_once_each_answer_with_a_live_session(
    site: FlaskSite, browser: httpx.Client
) -> None:
    write(browser, set={"n": 1})
    code = {"code": "sessions.login('ada')"}
    stalled = [Stalled(browser, code) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda one: one.release(), stalled))
    tickets = {reply.cookies["session"] for reply in replies}
    assert len(tickets) == 10
    for ticket in tickets:
        with site.browser(ticket) as one:
            assert one.get("/read").json()["user_id"] == "ada"


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_a_login_that_answers_an_error_saves_nothing(
    site: FlaskSite, browser: httpx.Client, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"code": "sessions.login('ada', admin=True)"}
    for path in (f"/fails/{status}", f"/answers/{status}", "/breaks"):
        assert "set-cookie" not in browser.post(path, json=body).headers
    assert site.live_keys() == []
    assert "not saved" in caplog.text
    write(browser, set={"n": 1})
    before = browser.cookies["session"]
    reply = browser.post(f"/fails/{status}", json={"set": {"user_id": 5, "n": 2}})
    assert reply.status_code == status
    assert browser.cookies["session"] == before
    assert site.data(browser) == {"n": 1}


def test_a_redirect_saves_the_login_and_an_error_the_logout(
    site: FlaskSite, browser: httpx.Client
) -> None:
    body = {"code": "sessions.login('ada')"}
    assert "set-cookie" in browser.post("/answers/303", json=body).headers
    reply = browser.post("/fails/500", json={"clear": True})
    assert "Max-Age=0" in reply.headers["set-cookie"]
    assert site.live_keys() == []


@pytest.mark.parametrize("more", [{}, {"lang": "en"}])
def test_an_error_response_saves_the_removal_of_a_name(
    make_flask: FlaskMaker, more: dict[str, str]
) -> None:
    site = make_flask()  # without the setting user, as in Flask's quickstart
    with site.browser() as browser:
        write(browser, set={"username": "ada", **more})
        old = browser.cookies["session"]
        assert browser.post("/fails/500", json={"remove": ["username"]}).status_code == 500
        assert browser.get("/read").json() == more
        with site.browser(old) as stranger:
            assert stranger.get("/read").json() == {}


def test_a_login_that_empties_the_session_is_a_login(make_flask: FlaskMaker) -> None:
    site = make_flask()
    with site.browser() as browser:
        write(browser, set={"tmp": 1})
        write(browser, code="del s['tmp']; sessions.login('ada')")
        assert told(browser, "sessions.user") == "ada"
        assert site.data(browser) == {}


# New IDs.


def test_a_member_of_rotate_on_gives_a_new_id(make_flask: FlaskMaker) -> None:
    site = make_flask(rotate_on=["role"], grace=60_000)
    with site.browser() as browser:
        write(browser, set={"n": 1})
        old = browser.cookies["session"]
        write(browser, set={"role": "admin"})
        assert browser.cookies["session"] != old
        assert site.data(browser) == {"n": 1, "role": "admin"}
        with site.browser(old) as slow:
            write(slow, set={"late": 1})
            assert "session" in slow.cookies
        assert site.data(browser)["late"] == 1


@pytest.mark.parametrize("name", ["user", "user_id", "username", "_user_id"])
def test_a_login_without_settings_gets_a_new_id(make_flask: FlaskMaker, name: str) -> None:
    site = make_flask()
    with site.browser() as browser:
        write(browser, set={"n": 1})
        old = browser.cookies["session"]
        write(browser, set={name: "ada"})
        assert browser.cookies["session"] != old
        assert len(site.live_keys()) == 1


@pytest.mark.parametrize(
    "code",
    [
        "sessions.rotate()",
        "__import__('flask').current_app.session_interface.regenerate(s._get_current_object())",
    ],
)
def test_a_rotation_counts_as_a_login_of_the_sessions_user(
    site: FlaskSite, browser: httpx.Client, code: str
) -> None:
    log_in(browser)
    before, old = site.info(browser), browser.cookies["session"]
    write(browser, code=code)
    after = site.info(browser)
    assert browser.cookies["session"] != old
    assert after.user == before.user
    assert before.authenticated is not None
    assert after.authenticated is not None
    assert after.authenticated >= before.authenticated
    assert site.data(browser) == {"user_id": "ada", "name": "Ada"}


# Devices.


def test_devices_are_listed_and_ended(site: FlaskSite, browser: httpx.Client) -> None:
    with site.browser() as two, site.browser() as three, site.browser() as grace:
        for device in (browser, two, three):
            log_in(device)
        log_in(grace, "grace")
        listed = browser.get("/devices").json()
        assert sorted(current for _, current, _ in listed) == [False, False, True]
        assert {values["/name"] for *_, values in listed} == {"Ada"}
        (other, *_) = [handle for handle, current, _ in two.get("/devices").json() if current]
        assert told(browser, f"sessions.end_device({other!r})") is True
        assert told(browser, f"sessions.end_device({other!r})") is False
        assert two.get("/read").json() == {}
        assert told(browser, "sessions.end_others()") == 1
        assert three.get("/read").json() == {}
        assert told(browser, "sessions.end_everywhere()") == 1
        assert "session" not in browser.cookies
        assert grace.get("/read").json()["user_id"] == "grace"


def test_who_logs_in_ends_other_devices_at_once(site: FlaskSite, browser: httpx.Client) -> None:
    with site.browser() as other:
        log_in(other)
        write(browser, code="sessions.login('ada'); assert sessions.end_others() == 1")
        assert other.get("/read").json() == {}
        assert browser.get("/read").json()["user_id"] == "ada"


def test_without_a_user_there_are_no_devices(site: FlaskSite, browser: httpx.Client) -> None:
    write(browser, set={"n": 1})
    assert browser.get("/devices").json() == []
    assert told(browser, "[sessions.user, sessions.end_device('x'), sessions.end_others()]") == [
        None,
        False,
        0,
    ]
    assert told(browser, "sessions.end_everywhere()") == 0
    assert site.data(browser) == {"n": 1}


def test_max_sessions_ends_the_least_recently_used(make_flask: FlaskMaker) -> None:
    site = make_flask(user="user_id", max_sessions=2)
    with site.browser() as one, site.browser() as two, site.browser() as three:
        for device in (one, two, three):
            log_in(device)
        assert [device.get("/read").json() != {} for device in (one, two, three)] == [
            False,
            True,
            True,
        ]


def test_without_the_setting_user_a_login_names_the_user_too(make_flask: FlaskMaker) -> None:
    site = make_flask()
    with site.browser() as browser:
        write(browser, set={"n": 1})
        log_in(browser)
        assert site.data(browser) == {"n": 1, "name": "Ada"}
        assert told(browser, "sessions.user") == "ada"
        assert len(browser.get("/devices").json()) == 1


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sessions.login(5)", "write str(...)"),
        ("sessions.login('')", "1 to 255 bytes"),
        ("sessions.login('a' * 256)", "1 to 255 bytes"),
        ("sessions.login('ada', user_id='eve')", "another user"),
        ("s['user_id'] = [1]", "as a str or an int"),
        ("s['user_id'] = True", "as a str or an int"),
    ],
)
def test_a_user_of_a_wrong_kind_is_an_error_where_it_is_written(
    site: FlaskSite, browser: httpx.Client, code: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert browser.post("/write", json={"code": code}).status_code == 500
    assert told in caplog.text
    assert site.live_keys() == []


# Signals.


def test_signals_tell_of_logins_logouts_and_lost_writes(
    site: FlaskSite, browser: httpx.Client
) -> None:
    heard: list[Any] = []

    def hear(name: str) -> Any:
        return lambda sender, **told: heard.append((name, told))

    signals = {
        "in": session_logged_in,
        "out": session_logged_out,
        "lost": session_lost,
        "refused": session_refused,
    }
    receivers = {name: hear(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name], site.app)
    log_in(browser)
    stalled = Stalled(browser, {"set": {"n": 2}})
    write(browser, clear=True)
    stalled.release()
    for name, signal in signals.items():
        signal.disconnect(receivers[name], site.app)
    assert heard == [
        ("in", {"user": "ada"}),
        ("out", {"user": "ada"}),
        ("lost", {"user": "ada"}),
    ]
