"""The guards of redis_session_client.fastapi over real HTTP: sessions, models and verifiers."""

import logging
from typing import Annotated, Any

import httpx
import pytest
import redis
import redis.asyncio
from fastapi import Depends
from support import shop
from support.commands import keys, watched
from support.servers import Process, eventually
from support.web import client, served

from redis_session_client import Ids, Sessions
from redis_session_client.fastapi import (
    LiveSession,
    SessionManager,
)

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
    with caplog.at_level(logging.WARNING, "redis_session_client"):
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


def test_a_missing_schema_of_a_model_is_registered_again(
    browser: httpx.Client, raw: redis.Redis
) -> None:
    browser.post("/login", params={"user": "ada"})
    name, text = next(iter(shop_schemas().items()))
    raw.execute_command("SESSION.SCHEMA", "DEL", name)
    assert browser.get("/read").status_code == 200
    assert raw.execute_command("SESSION.SCHEMA", "GET", name) == text


def shop_schemas() -> dict[str, str]:
    from redis_session_client.fastapi import schema_of

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
