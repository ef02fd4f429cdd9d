"""Logins, logouts and the sessions of a user: Django's own functions, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import redis
from django.test import Client
from support.commands import keys, watched
from support.django_site import (
    DJANGO,
    OWN,
    AnonymousUser,
    Site,
    User,
    configured,
    held,
    prepare_database,
    site,
)
from support.servers import Process

from redis_session_client import Invalid, Sessions, key_of_token
from redis_session_client.django import SessionStore, end_device, revoke, sessions_of


@pytest.fixture(params=[DJANGO, OWN], ids=["django", "own"])
def shop(request: pytest.FixtureRequest, server: Process, prefix: str) -> Iterator[Site]:
    """The same, with Django's middleware and with that of the package."""
    with site(server, prefix, middleware=request.param) as found:
        yield found


def names(commands: list[str]) -> list[str]:
    return [command.split(" ")[0] for command in commands]


def in_as(shop: Site, name: str, **headers: str) -> httpx.Client:
    browser = shop.browser(headers=headers)
    assert browser.get(f"/login/{name}").status_code == 200
    return browser


def who(browser: httpx.Client) -> str:
    return str(browser.get("/").json()["user"])


def test_a_login_over_a_visitors_session_is_one_command(shop: Site, raw: redis.Redis) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    before = browser.cookies["session"]
    with watched(raw) as commands:
        browser.get("/login/ada")
    assert names(commands) == ["SESSION.VERIFY", "SESSION.ROTATE"]
    after = browser.cookies["session"]
    assert after != before
    shown = browser.get("/").json()
    assert (shown["user"], shown["data"]["cart"]) == ("ada", [7])
    old = shop.browser(cookies={"session": before})
    assert old.get("/").json() == {"data": {}, "user": ""}


def test_a_login_without_session_is_one_command(shop: Site, raw: redis.Redis) -> None:
    browser = shop.browser()
    with watched(raw) as commands:
        browser.get("/login/ada")
    assert names(commands) == ["SESSION.SET"]
    assert who(browser) == "ada"


def test_the_server_knows_whose_session_it_is(shop: Site, raw: redis.Redis, prefix: str) -> None:
    browser = in_as(shop, "ada")
    user = User.objects.get(username="ada")
    (listed,) = Sessions(raw).list(f"{prefix}{user.pk}")
    assert listed.key == key_of_token(prefix, browser.cookies["session"])


def test_a_planted_cookie_is_not_that_of_the_login(shop: Site) -> None:
    thief, victim = shop.browser(), shop.browser()
    thief.get("/put", params={"planted": "1"})
    victim.cookies.set("session", thief.cookies["session"], domain="127.0.0.1")
    victim.get("/login/ada")
    assert who(victim) == "ada"
    assert who(thief) == ""


def test_another_user_inherits_nothing(shop: Site) -> None:
    browser = in_as(shop, "ada")
    browser.get("/put", params={"secret": "1"})
    of_ada = browser.cookies["session"]
    browser.get("/login/grace")
    shown = browser.get("/").json()
    assert shown["user"] == "grace"
    assert "secret" not in shown["data"]
    assert who(shop.browser(cookies={"session": of_ada})) == ""


def test_a_second_login_of_the_same_user_keeps_the_session(shop: Site) -> None:
    browser = in_as(shop, "ada")
    cookie = browser.cookies["session"]
    browser.get("/put", params={"cart": "[7]"})
    browser.get("/login/ada")
    assert browser.cookies["session"] == cookie
    assert browser.get("/").json()["data"]["cart"] == [7]


def test_a_login_that_fails_late_changes_nothing(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    cookie = browser.cookies["session"]
    assert browser.get("/login/ada", params={"status": 503}).status_code == 503
    assert browser.cookies["session"] == cookie
    assert browser.get("/").json() == {"data": {"cart": [7]}, "user": ""}


def test_logout_ends_the_session_and_removes_the_cookie(
    shop: Site, raw: redis.Redis, prefix: str
) -> None:
    browser = in_as(shop, "ada")
    cookie = browser.cookies["session"]
    browser.get("/logout")
    assert "session" not in browser.cookies
    assert who(shop.browser(cookies={"session": cookie})) == ""
    assert keys(raw, prefix) == []


def test_a_logout_during_a_slow_request_stays(shop: Site, raw: redis.Redis, prefix: str) -> None:
    browser = in_as(shop, "ada")
    with held(browser, "GET", "/put", params={"a": "1"}) as slow:
        browser.get("/logout")
        answer = slow.finish()
    # Django's SessionInterrupted.
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers
    assert keys(raw, prefix) == []


def test_a_login_beside_a_slow_request_stays(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    with held(browser, "GET", "/put", params={"a": "1"}) as slow:
        browser.get("/login/ada")
        answer = slow.finish()
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers
    assert who(browser) == "ada"


def test_two_logins_with_one_cookie_both_succeed(shop: Site) -> None:
    browser = shop.browser()
    browser.get("/put", params={"cart": "[7]"})
    with held(browser, "GET", "/login/grace") as slow:
        browser.get("/login/ada")
        answer = slow.finish()
    assert answer.status_code == 200
    second = shop.browser(cookies={"session": answer.cookies["session"]})
    # The cart has gone to the first login; what is Ada's now must not be Grace's.
    assert "cart" not in second.get("/").json()["data"]
    assert who(second) == "grace"
    assert browser.get("/").json()["data"]["cart"] == [7]


def test_the_sessions_of_a_user_are_listed_and_ended(shop: Site) -> None:
    here, there, of_grace = in_as(shop, "ada"), in_as(shop, "ada"), in_as(shop, "grace")
    there.get("/put", params={"agent": '"phone"'})
    here.get("/")
    listed = here.get("/sessions").json()["sessions"]
    assert sorted((d["current"], d["values"].get("/agent")) for d in listed) == [
        (False, "phone"),
        (True, None),
    ]
    (handle,) = (d["handle"] for d in listed if not d["current"])
    assert of_grace.get(f"/end/{handle}").json() == {"ended": False}
    assert here.get(f"/end/{handle}").json() == {"ended": True}
    assert here.get(f"/end/{handle}").json() == {"ended": False}
    assert [who(here), who(there), who(of_grace)] == ["ada", "", "grace"]


def test_log_out_everywhere_else(shop: Site) -> None:
    here, others = in_as(shop, "ada"), [in_as(shop, "ada") for _ in range(3)]
    of_grace = in_as(shop, "grace")
    assert here.get("/end-others").json() == {"ended": 3}
    assert [who(other) for other in others] == ["", "", ""]
    assert [who(here), who(of_grace)] == ["ada", "grace"]


def test_a_new_password_logs_out_everywhere_else(shop: Site) -> None:
    here, there = in_as(shop, "ada"), in_as(shop, "ada")
    before = here.cookies["session"]
    assert here.get("/change-password").json() == {"ended": 1}
    assert here.cookies["session"] != before
    assert [who(here), who(there)] == ["ada", ""]


def test_a_revoked_session_does_not_come_back(shop: Site) -> None:
    here, there = in_as(shop, "ada"), in_as(shop, "ada")
    with held(there, "GET", "/put", params={"a": "1"}) as slow:
        here.get("/end-others")
        assert slow.finish().status_code == 400
    assert who(there) == ""


def test_a_limit_ends_the_least_recently_used_sessions(server: Process, prefix: str) -> None:
    with site(server, prefix, max_sessions=2) as shop:
        browsers = [in_as(shop, "ada") for _ in range(3)]
        assert [who(browser) for browser in browsers] == ["", "ada", "ada"]


def test_the_admin_logs_in_and_out(shop: Site) -> None:
    browser = shop.browser(follow_redirects=True)
    page = browser.get("/admin/login/")
    assert page.status_code == 200
    form = {"username": "ada", "password": "ada's password", "next": "/admin/"}

    def post(path: str) -> httpx.Response:
        token = browser.cookies["csrftoken"]
        return browser.post(path, data={**form, "csrfmiddlewaretoken": token})

    assert "Log out" in post("/admin/login/").text
    assert who(browser) == "ada"
    assert post("/admin/logout/").status_code == 200
    assert who(browser) == ""


def test_another_member_can_name_the_user(server: Process, prefix: str, raw: redis.Redis) -> None:
    with configured(server, prefix, user="customer"):
        session = SessionStore()
        session["cart"] = [7]
        session.save()
        visitor = session.session_key
        session["customer"] = 42
        session.save()
        assert session.session_key != visitor
        assert [d.current for d in sessions_of(42, current=session)] == [True]
        # In the server no session changes or loses its user: it is another session then.
        of_42 = session.session_key
        session["customer"] = 43
        session.save()
        assert not session.exists(of_42)
        assert (sessions_of(42), len(sessions_of(43))) == ([], 1)
        del session["customer"]
        session.save()
        assert sessions_of(43) == []
        assert dict(SessionStore(session.session_key).items()) == {"cart": [7]}
        session["customer"] = [1]
        with pytest.raises(TypeError, match="'customer' names the user"):
            session.save()


def test_another_user_whose_data_the_schema_refuses_ends_nothing(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    Sessions(raw).schema_set(f"{prefix}s", {"properties": {"cart": {"type": "array"}}})
    with configured(server, prefix, user="customer", schema=f"{prefix}s"):
        session = SessionStore()
        session["customer"] = 42
        session.save()
        kept = session.session_key
        session.update({"customer": 43, "cart": 7})
        with pytest.raises(Invalid):
            session.save()
        assert dict(SessionStore(kept).items()) == {"customer": 42}
        assert sessions_of(43) == []


@pytest.mark.parametrize("user", [None, "", True, 1.5, AnonymousUser(), User(username="new")])
def test_who_is_no_user_is_refused(user: Any, server: Process, prefix: str) -> None:
    with configured(server, prefix):
        for function in (sessions_of, revoke):
            with pytest.raises(TypeError, match="a user is"):
                function(user)
        with pytest.raises(TypeError, match="a user is"):
            end_device(user, "x")


def test_djangos_test_client_logs_in(server: Process, prefix: str) -> None:
    prepare_database()
    with configured(server, prefix):
        client, user = Client(), User.objects.get(username="ada")
        client.session["not saved"] = 1
        client.force_login(user)
        assert client.get("/").json()["user"] == "ada"
        session = client.session
        session["a"] = 1
        session.save()
        assert client.get("/").json()["data"]["a"] == 1
        assert len(sessions_of(user)) == 1
        client.logout()
        assert client.get("/").json()["user"] == ""
        assert sessions_of(user) == []
