"""Login, logout and devices of redis_session_client.fastapi over real HTTP."""

import re

import httpx
import pytest
import redis
import redis.asyncio
from support import shop
from support.commands import keys, watched
from support.servers import Group, Process
from support.web import client, get, served

from redis_session_client import Sessions
from redis_session_client.fastapi import (
    RedisBackend,
    SessionManager,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


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
    # Other tests on this server may have a user of this name, without a prefix.
    listed = raw.execute_command("SESSION.LIST", "ada")
    assert not [key for key in listed if key.startswith(prefix)]
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


@pytest.mark.parametrize("user", ["ada", "eve"])
def test_a_login_that_the_server_refuses_ends_nothing(
    browser: httpx.Client, raw: redis.Redis, prefix: str, user: str
) -> None:
    browser.post("/login", params={"user": "ada"})
    refused = browser.post("/login", params={"user": user, "role": "king"})
    assert refused.status_code == 422
    assert "set-cookie" not in refused.headers
    assert browser.get("/read").json()["user"] == "ada"
    assert len(keys(raw, prefix)) == 1


def test_a_login_is_one_command_that_rotates(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    browser.post("/add", params={"item": 7})
    with watched(raw) as seen:
        browser.post("/login", params={"user": "ada"})
    # The guard's VERIFY, as in every visit, and the login.
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
    assert browser.post("/add-nowhere").status_code == 409
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
    """A background task runs too late for the client to get the token."""
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
        # A server without any session, like a replica that is far behind.
        lagging = group.start().async_client()
        primary = server.async_client()
        backend = RedisBackend(primary, prefix=prefix, replica=lagging, replica_ok=True)
        with (
            served(shop.make(SessionManager(backend, insecure=True))) as url,
            client(url) as browser,
        ):
            reply = browser.post("/login", params={"user": "ada", "remember": True})
            assert "Max-Age=" in reply.headers["set-cookie"]
            assert browser.get("/read").status_code == 401  # the read goes to the replica
