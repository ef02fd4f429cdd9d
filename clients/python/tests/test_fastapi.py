"""The FastAPI application over real HTTP: each promise of the layer, one test."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import httpx
import pytest
import redis
import redis.asyncio
from fastapi import Depends
from starlette.requests import HTTPConnection
from support import shop
from support.servers import Group, Process, eventually
from support.web import client, get, post, served

from redis_session import Ids, Sessions
from redis_session.fastapi import (
    CookieFrontend,
    CookiePolicy,
    Frontend,
    HeaderFrontend,
    LiveSession,
    RedisBackend,
    SessionManager,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def keys(raw: redis.Redis, prefix: str) -> list[str]:
    return sorted(raw.scan_iter(match=f"{prefix}*", count=1000))


@contextmanager
def watched(raw: redis.Redis) -> Iterator[list[str]]:
    """The module's commands that the server receives meanwhile."""
    seen: list[str] = []
    with raw.monitor() as monitor:
        yield seen
        raw.execute_command("ECHO", "end")
        for command in monitor.listen():
            if command["command"].startswith("ECHO"):
                break
            if command["command"].startswith("SESSION."):
                seen.append(command["command"])


# Protecting routes.


def test_no_session_is_401_and_touches_no_cookie(browser: httpx.Client) -> None:
    browser.cookies.set("session", "A" * 43)
    reply = browser.get("/read")
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Cookie"
    assert "set-cookie" not in reply.headers


def test_a_live_session_passes(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    assert browser.get("/read").json() == {
        "user": "ada",
        "data": {"name": "ada", "role": "user", "items": []},
    }


def test_the_optional_form_gives_none(browser: httpx.Client) -> None:
    assert browser.get("/maybe").json() == {"user": None}
    browser.post("/login", params={"user": "ada"})
    assert browser.get("/maybe").json() == {"user": "ada"}


def test_a_public_route_asks_for_nothing(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    reply = browser.get("/public")
    assert reply.status_code == 200
    assert "set-cookie" not in reply.headers
    assert keys(raw, prefix) == []


def test_no_session_is_made_where_nothing_is_stored(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.get("/maybe")
    browser.post("/logout")
    assert keys(raw, prefix) == []


# Verifiers.


def test_a_model_as_verifier_refuses_with_403(
    browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    browser.post("/login", params={"user": "eve"})
    with caplog.at_level(logging.WARNING, "redis_session"):
        reply = browser.get("/admin")
    assert reply.status_code == 403
    assert reply.json() == {"detail": "Forbidden"}
    assert "/role: const" in caplog.text
    assert "user" not in reply.text
    browser.post("/login", params={"user": "eve", "role": "admin"})
    assert browser.get("/admin").json() == {"user": "eve"}


def test_a_function_as_verifier_refuses_with_403(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    assert browser.get("/with-items").status_code == 403
    browser.post("/add", params={"item": 7})
    assert browser.get("/with-items").json() == {"items": [7]}


def test_a_function_as_verifier_may_be_asynchronous(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    assert browser.get("/only-ada").status_code == 200
    browser.post("/login", params={"user": "eve"})
    assert browser.get("/only-ada").status_code == 403


def test_a_named_schema_as_verifier_is_checked_in_the_same_round_trip(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    name = f"{prefix}grown-up"
    Sessions(raw).schema_set(name, {"properties": {"age": {"minimum": 18}}, "required": ["age"]})
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    app = shop.make(sessions)

    @app.get("/bar", dependencies=[Depends(sessions.required(shop.Cart, name, shop.Admin))])
    async def bar() -> str:
        return "welcome"

    @app.post("/age/{age}")
    async def set_age(
        age: int, session: Annotated[LiveSession[Any], Depends(sessions.required())]
    ) -> bool:
        return await session.patch({"age": age, "role": "admin"})

    with served(app) as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
        browser.post("/age/17")
        assert browser.get("/bar").status_code == 403
        browser.post("/age/18")
        with watched(raw) as seen:
            assert browser.get("/bar").json() == "welcome"
        (verify,) = seen
        words = verify.split(" ")
        assert words[0] == "SESSION.VERIFY"
        named = [words[n + 1] for n, word in enumerate(words) if word == "SCHEMA"]
        assert [word.partition("@")[0] for word in named] == ["Cart", name, "Admin"]


def test_every_route_with_a_model_names_its_schema(browser: httpx.Client, raw: redis.Redis) -> None:
    browser.post("/login", params={"user": "ada"})
    for method, path in (("GET", "/read"), ("GET", "/maybe"), ("POST", "/logout")):
        with watched(raw) as seen:
            browser.request(method, path)
        assert "SCHEMA Cart@" in seen[0]


def test_a_stale_login_is_401_as_rfc_9470_says(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    # FRESH 0 counts whole seconds, so a login becomes stale within the second after it.
    reply = eventually("a stale login", lambda: stale(browser.get("/fresh")))
    assert reply.status_code == 401
    assert 'error="insufficient_user_authentication"' in reply.headers["www-authenticate"]
    assert 'max_age="0"' in reply.headers["www-authenticate"]
    assert "set-cookie" not in reply.headers


def stale(reply: httpx.Response) -> httpx.Response | None:
    return reply if reply.status_code == 401 else None


def test_a_missing_schema_is_500(browser: httpx.Client, raw: redis.Redis) -> None:
    browser.post("/login", params={"user": "ada"})
    name, text = next(iter(shop_schemas().items()))
    raw.execute_command("SESSION.SCHEMA", "DEL", name)
    try:
        assert browser.get("/read").status_code == 500
    finally:
        raw.execute_command("SESSION.SCHEMA", "SET", name, text, "ASSERTFORMAT")
    assert browser.get("/read").status_code == 200


def shop_schemas() -> dict[str, str]:
    from redis_session.fastapi import schema_of

    return dict([schema_of(shop.Cart)])


def test_a_key_of_another_type_is_no_session(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    token = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    key = Ids(prefix).key(token)
    assert key is not None
    raw.delete(key)
    raw.set(key, "something else")
    assert browser.get("/read").status_code == 401
    assert browser.post("/logout").json() == {"ended": False}
    assert raw.get(key) == "something else"


# The cookie.


def test_the_cookie_is_as_promised(server: Process, prefix: str) -> None:
    with (
        served(shop.make(SessionManager(server.url, prefix=prefix))) as url,
        client(url) as browser,
    ):
        reply = browser.post("/login", params={"user": "ada"})
        name, _, rest = reply.headers["set-cookie"].partition("=")
        value, *attributes = rest.split("; ")
        assert name == "__Host-session"
        assert TOKEN.fullmatch(value)
        assert set(attributes) == {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"}
        assert reply.headers["cache-control"] == "no-store"

        headers = {"cookie": f"__Host-session={value}"}
        assert browser.get("/read", headers=headers).status_code == 200
        assert browser.get("/read", headers={"cookie": f"session={value}"}).status_code == 401

        reply = browser.post("/logout", headers=headers)
        name, _, rest = reply.headers["set-cookie"].partition("=")
        value, *attributes = rest.split("; ")
        assert (name, value) == ("__Host-session", '""')
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=0"} < set(attributes)
        assert reply.headers["cache-control"] == "no-store"
        assert browser.get("/read", headers=headers).status_code == 401


def test_for_local_http_secure_and_the_prefix_are_dropped(browser: httpx.Client) -> None:
    header = browser.post("/login", params={"user": "ada"}).headers["set-cookie"]
    assert header.startswith("session=")
    assert "Secure" not in header
    assert "HttpOnly; SameSite=Lax" in header
    assert "Max-Age" not in header
    assert "Domain" not in header


def test_remember_keeps_the_cookie_until_the_deadline(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, insecure=True, lifetime=86400)
    with served(shop.make(manager)) as url:
        reply = post(f"{url}/login", params={"user": "ada", "remember": "true"})
        assert "Max-Age=86400" in reply.headers["set-cookie"]


def test_the_cookie_goes_out_with_a_response_of_the_routes_own(browser: httpx.Client) -> None:
    reply = browser.post("/login-and-go", params={"user": "ada"})
    assert reply.status_code == 303
    assert "set-cookie" in reply.headers
    assert browser.get("/read").json()["user"] == "ada"


@pytest.mark.parametrize(
    "made_up",
    [
        "A" * 42,
        "A" * 44,
        "A" * 42 + "B",  # not the last character of 32 bytes
        "A" * 42 + "=",
        "",
        "../../etc",
        "{tag}" + "A" * 38,
        "t" + "0" * 32,
        "0" * 32,
        "é" * 43,
        "3f9a." + "A" * 43,
    ],
)
def test_a_cookie_of_another_shape_reaches_no_key(
    server: Process, site: str, raw: redis.Redis, made_up: str
) -> None:
    with watched(raw) as seen:
        headers = [(b"cookie", f"session={made_up}".encode())]
        assert get(f"{site}/read", headers=headers).status_code == 401
    assert seen == []


def test_a_key_from_a_listing_is_no_cookie(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    (key,) = keys(raw, prefix)
    handle = browser.get("/devices").json()["devices"][0]["handle"]
    for leaked in (key, key.removeprefix(prefix), key[-32:], handle):
        reply = get(f"{browser.base_url}/read", headers={"cookie": f"session={leaked}"})
        assert reply.status_code == 401


def test_a_forged_token_is_no_session_and_becomes_none(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    forged = "A" * 43
    browser.cookies.set("session", forged)
    assert browser.get("/read").status_code == 401
    browser.post("/add", params={"item": 1})
    browser.cookies.delete("session")
    assert Ids(prefix).key(forged) not in keys(raw, prefix)


def test_a_truncated_token_is_no_session(browser: httpx.Client) -> None:
    token = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    for wrong in (token[:-1], token[1:], token + "A", token[:42] + "B"):
        reply = get(f"{browser.base_url}/read", headers={"cookie": f"session={wrong}"})
        assert reply.status_code == 401


def test_a_token_of_another_application_is_no_session(server: Process, prefix: str) -> None:
    make = shop.make
    with (
        served(make(SessionManager(server.url, prefix=f"{prefix}a:", insecure=True))) as one,
        served(make(SessionManager(server.url, prefix=f"{prefix}b:", insecure=True))) as two,
    ):
        token = post(f"{one}/login", params={"user": "ada"}).json()["ticket"]
        cookie = {"cookie": f"session={token}"}
        assert get(f"{one}/read", headers=cookie).status_code == 200
        assert get(f"{two}/read", headers=cookie).status_code == 401


def test_two_cookies_of_the_name_that_disagree_are_refused(browser: httpx.Client) -> None:
    token = browser.post("/login", params={"user": "ada"}).json()["ticket"]
    planted = "A" * 43
    url = f"{browser.base_url}/read"
    for pair in (f"session={token}; session={planted}", f"session={planted}; session={token}"):
        assert get(url, headers={"cookie": pair}).status_code == 400
    same = {"cookie": f"session={token}; session={token}"}
    assert get(url, headers=same).status_code == 200


# Frontends.


@pytest.fixture(scope="module")
def two_fronts(server: Process, site_prefix: str) -> Iterator[str]:
    """The shop with a cookie and a header as frontends."""
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    manager = SessionManager(server.url, prefix=site_prefix, frontends=frontends)
    with served(shop.make(manager)) as url:
        yield url


def test_frontends_are_tried_in_order(two_fronts: str) -> None:
    token = post(f"{two_fronts}/login", params={"user": "ada"}).json()["ticket"]
    for headers in (
        {"cookie": f"session={token}"},
        {"x-session": token},
        {"cookie": f"session={token}", "x-session": token},
        {"cookie": "session=nonsense", "x-session": token},
    ):
        assert get(f"{two_fronts}/read", headers=headers).status_code == 200


def test_frontends_that_disagree_are_refused(two_fronts: str) -> None:
    tokens = [
        post(f"{two_fronts}/login", params={"user": user}).json()["ticket"]
        for user in ("ada", "eve")
    ]
    headers = {"cookie": f"session={tokens[0]}", "x-session": tokens[1]}
    assert get(f"{two_fronts}/read", headers=headers).status_code == 400
    assert get(f"{two_fronts}/maybe", headers=headers).status_code == 400


def test_a_new_token_goes_back_the_way_the_old_one_came(two_fronts: str) -> None:
    old = post(f"{two_fronts}/login", params={"user": "ada"}).json()["ticket"]
    reply = post(f"{two_fronts}/rotate", headers={"x-session": old})
    assert "set-cookie" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    new = reply.headers["x-session"]
    assert new != old
    assert get(f"{two_fronts}/read", headers={"x-session": new}).status_code == 200


def test_a_logout_and_a_login_in_one_request_answer_the_way_it_came(two_fronts: str) -> None:
    with client(two_fronts) as browser:
        token = browser.post("/login", params={"user": "ada"}).json()["ticket"]
        browser.cookies.clear()
        reply = browser.post("/change-user", params={"user": "bob"}, headers={"x-session": token})
        assert reply.headers["x-session"] == reply.json()["ticket"]
        assert "set-cookie" not in reply.headers


def test_a_bearer_header_is_a_frontend(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, frontends=[HeaderFrontend()])
    with served(shop.make(manager)) as url:
        reply = post(f"{url}/login", params={"user": "ada"})
        assert "set-cookie" not in reply.headers
        bearer = {"authorization": f"Bearer {reply.json()['ticket']}"}
        assert get(f"{url}/read", headers=bearer).status_code == 200
        refused = get(f"{url}/read")
        assert refused.headers["www-authenticate"] == "Bearer"
        scheme = get(f"{url}/openapi.json").json()["components"]["securitySchemes"]
        assert scheme["SessionHeader"]["scheme"] == "bearer"


class QueryFrontend(Frontend):
    """As an application could write one: the token in the address, as in a link to a download."""

    location: Literal["cookie", "header", "query"] = "query"
    name = "ticket"
    challenge = "Ticket"
    ambient = False

    def tickets(self, connection: HTTPConnection) -> list[str]:
        return connection.query_params.getlist(self.name)

    def give(self, ticket: str, max_age: int | None) -> list[tuple[str, str]]:
        return [("x-ticket", ticket)]

    def take(self, connection: HTTPConnection) -> list[tuple[str, str]]:
        return [("x-ticket", "")]


def test_an_application_can_have_a_frontend_of_its_own(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, frontends=[QueryFrontend()])
    with served(shop.make(manager)) as url:
        ticket = post(f"{url}/login", params={"user": "ada"}).headers["x-ticket"]
        assert get(f"{url}/read", params={"ticket": ticket}).status_code == 200
        refused = get(f"{url}/read", params={"ticket": "A" * 43})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Ticket")
        out = post(f"{url}/logout", params={"ticket": ticket})
        assert out.headers["x-ticket"] == ""
        scheme = get(f"{url}/openapi.json").json()["components"]["securitySchemes"]
        assert scheme["SessionQuery"]["in"] == "query"


def test_bare_ids_where_they_are_chosen(server: Process, prefix: str) -> None:
    backend = RedisBackend(server.url, prefix=prefix, bare=True)
    with served(shop.make(SessionManager(backend, insecure=True))) as url:
        with client(url) as browser:
            ticket = browser.post("/login", params={"user": "ada"}).json()["ticket"]
            assert re.fullmatch(r"[0-9a-f]{32}", ticket)
            assert browser.get("/read").status_code == 200
            (device,) = browser.get("/devices").json()["devices"]
            assert device["handle"] != ticket
            browser.post("/rotate")
            assert browser.get("/read").status_code == 200
        refused = get(f"{url}/read", headers={"cookie": f"session={'A' * 43}"})
        assert refused.status_code == 401


# Login and logout.


def test_a_login_keeps_the_cart_and_ends_the_old_id(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/add", params={"item": 7})
    before = browser.cookies["session"]
    browser.post("/login", params={"user": "ada"})
    assert browser.cookies["session"] != before
    assert browser.get("/read").json()["data"]["items"] == [7]
    old = get(f"{browser.base_url}/read", headers={"cookie": f"session={before}"})
    assert old.status_code == 401
    assert len(keys(raw, prefix)) == 1


def test_a_login_sends_the_user_with_the_applications_prefix(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    assert raw.execute_command("SESSION.LIST", f"{prefix}ada") == keys(raw, prefix)
    assert raw.execute_command("SESSION.LIST", "ada") == []
    assert browser.get("/read").json()["user"] == "ada"


def test_a_login_as_another_user_ends_the_session_and_inherits_nothing(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    browser.post("/add", params={"item": 7})
    adas = browser.cookies["session"]
    browser.post("/login", params={"user": "eve"})
    assert browser.get("/read").json() == {
        "user": "eve",
        "data": {"name": "eve", "role": "user", "items": []},
    }
    old = get(f"{browser.base_url}/read", headers={"cookie": f"session={adas}"})
    assert old.status_code == 401
    assert len(keys(raw, prefix)) == 1


def test_a_login_is_one_command_that_rotates(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/add", params={"item": 7})
    with watched(raw) as seen:
        browser.post("/login", params={"user": "ada"})
    # The guard's VERIFY, which every visit has, and the login.
    assert [command.partition(" ")[0] for command in seen] == ["SESSION.VERIFY", "SESSION.ROTATE"]
    assert all(word in seen[1] for word in (f"USER {prefix}ada", "PATCH", "TOKEN", "SCHEMA Cart@"))


def test_a_rotation_lets_the_old_id_work_for_five_seconds_unless_told_otherwise(
    browser: httpx.Client, raw: redis.Redis
) -> None:
    browser.post("/login", params={"user": "ada"})
    with watched(raw) as seen:
        assert browser.post("/rotate").json() == {"rotated": True}
    assert " GRACE 5000" in seen[-1]


def test_a_logout_ends_the_session_and_then_takes_the_cookie(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    assert browser.post("/logout").json() == {"ended": True}
    assert "session" not in browser.cookies
    assert keys(raw, prefix) == []
    again = browser.post("/logout")
    assert again.json() == {"ended": False}
    assert "set-cookie" not in again.headers


def test_what_is_popped_is_read_once(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    browser.post("/add", params={"item": 7})
    assert browser.post("/pop").json() == {"popped": {"/items/0": 7}}
    assert browser.post("/pop").json() == {"popped": {}}


def test_data_is_replaced_where_it_is_still_what_was_read(browser: httpx.Client) -> None:
    browser.post("/login", params={"user": "ada"})
    assert browser.post("/replace").json() == {"saved": True}
    assert browser.get("/read").json()["data"]["items"] == [99]


def test_what_a_visit_saves_twice_goes_into_one_session(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    for items in ([1, 2], [1, 2, 1, 2]):
        assert browser.post("/add-two", params={"one": 1, "two": 2}).json() == {"saved": True}
        data = browser.get("/read").json()["data"]
        assert (data["items"], data["name"]) == (items, "nobody yet")
        assert len(keys(raw, prefix)) == 1


def test_a_first_change_that_cannot_be_made_leaves_no_session(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    assert browser.post("/add-nowhere").status_code == 500
    assert keys(raw, prefix) == []
    assert "session" not in browser.cookies


def test_a_login_renews_the_deadline(browser: httpx.Client, raw: redis.Redis, prefix: str) -> None:
    browser.post("/add", params={"item": 7})
    (key,) = keys(raw, prefix)
    Sessions(raw).touch(key, ex=60)
    browser.post("/login", params={"user": "ada"})
    (key,) = keys(raw, prefix)
    info = Sessions(raw).info(key)
    assert info is not None
    assert info.deadline == info.issued + 6 * 3600 * 1000


def test_with_no_lifetime_the_servers_settings_hold(
    server: Process, raw: redis.Redis, prefix: str
) -> None:
    manager = SessionManager(server.url, prefix=prefix, insecure=True, lifetime=None)
    with served(shop.make(manager)) as url, client(url) as browser:
        browser.post("/add", params={"item": 7})
        (key,) = keys(raw, prefix)
        Sessions(raw).touch(key, ex=60)
        before = Sessions(raw).info(key)
        browser.post("/login", params={"user": "ada"})
        (key,) = keys(raw, prefix)
        after = Sessions(raw).info(key)
        assert before is not None
        assert after is not None
        assert after.deadline == before.deadline


def test_a_login_after_the_response_is_refused_before_it_is_made(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    """In a background task: the client could never get the token."""
    browser.post("/add", params={"item": 7})
    before = keys(raw, prefix)
    assert browser.post("/too-late").status_code == 200
    cookie = {"cookie": f"session={browser.cookies['session']}"}
    assert get(f"{browser.base_url}/read", headers=cookie).json()["user"] is None
    assert keys(raw, prefix) == before


# Devices.


def test_devices_are_listed_by_a_handle_that_is_no_cookie(
    browser: httpx.Client, other: httpx.Client
) -> None:
    for one in (browser, other):
        one.post("/login", params={"user": "ada"})
    devices = browser.get("/devices").json()["devices"]
    assert [d["current"] for d in devices].count(True) == 1
    assert len({d["handle"] for d in devices}) == 2
    assert all(d["values"] == {"/name": "ada"} for d in devices)
    for device in devices:
        assert browser.cookies["session"] not in str(device)
        assert other.cookies["session"] not in str(device)


def test_one_device_is_ended_by_its_handle(
    browser: httpx.Client, other: httpx.Client, raw: redis.Redis
) -> None:
    for one in (browser, other):
        one.post("/login", params={"user": "ada"})
    handle = next(
        d["handle"] for d in browser.get("/devices").json()["devices"] if not d["current"]
    )
    with watched(raw) as seen:
        assert browser.post("/devices/end", params={"handle": handle}).json() == {"ended": True}
    assert [c.split(" ")[0] for c in seen] == ["SESSION.VERIFY", "SESSION.LIST", "SESSION.REVOKE"]
    assert " ONLY " in seen[-1]
    assert other.get("/read").status_code == 401
    assert browser.get("/read").status_code == 200


def test_a_device_of_another_user_cannot_be_ended(
    browser: httpx.Client, other: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    other.post("/login", params={"user": "eve"})
    (device,) = other.get("/devices").json()["devices"]
    for sent in (device["handle"], *keys(raw, prefix), other.cookies["session"]):
        assert browser.post("/devices/end", params={"handle": sent}).json() == {"ended": False}
    assert other.get("/read").status_code == 200


def test_log_out_everywhere_else_and_everywhere(browser: httpx.Client, other: httpx.Client) -> None:
    for one in (browser, other):
        one.post("/login", params={"user": "ada"})
    assert browser.post("/devices/end-others").json() == {"ended": 1}
    assert other.get("/read").status_code == 401
    assert browser.get("/read").status_code == 200
    other.post("/login", params={"user": "ada"})
    assert browser.post("/devices/end-everywhere").json() == {"ended": 2}
    assert "session" not in browser.cookies
    assert other.get("/read").status_code == 401


# Replicas.


def test_a_remembered_login_does_not_ask_a_replica_that_lags(server: Process, prefix: str) -> None:
    with Group() as group:
        # A server without any session: no replica can be further behind.
        lagging: Any = redis.asyncio.Redis(port=group.start().port)
        primary: Any = redis.asyncio.Redis(port=server.port)
        backend = RedisBackend(primary, prefix=prefix, replica=lagging, replica_ok=True)
        with (
            served(shop.make(SessionManager(backend, insecure=True))) as url,
            client(url) as browser,
        ):
            reply = browser.post("/login", params={"user": "ada", "remember": True})
            assert "Max-Age=" in reply.headers["set-cookie"]
            assert browser.get("/read").status_code == 401  # it is the replica that is asked
