"""The cookie of redis_session_client.fastapi over real HTTP: its attributes, and forged ones."""

import re

import httpx
import pytest
import redis
import redis.asyncio
from support import shop
from support.commands import keys, watched
from support.servers import Process
from support.web import client, get, post, served

from redis_session_client import Ids
from redis_session_client.fastapi import (
    SessionManager,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


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
        "A" * 42 + "B",  # 32 bytes never end in this character
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
