"""docs/from-fastapi-redis-sdk.md: its programs run, and visitors stay logged in.

The library needs Redis 7.4 or later. Where the tests' server is older, the sessions to import are
those that the library itself has written into a file: see data/make_fastapi_redis_sdk.py.
"""

import ast
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.moving import SLACK, Move, Visitor, address, contents
from support.programs import programs
from support.servers import Group, Process
from support.web import client, served

from redis_session_client import Sessions, key_of_token

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parent / "docs" / "from-fastapi-redis-sdk.md").read_text()
BEFORE, AFTER, TAKING = programs(PAGE)
MADE = json.loads((FOLDER / "data" / "fastapi_redis_sdk.json").read_text())


def run(source: str, **space: Any) -> dict[str, Any]:
    exec(compile(source, "from-fastapi-redis-sdk", "exec", dont_inherit=True), space)  # noqa: S102
    return space


def application(server: Process, prefix: str, more: str = "insecure=True") -> Any:
    """The program after the move, on the tests' server and with http."""
    own = f'"{server.url}", prefix="{prefix}", {more},'
    source = AFTER.replace('"redis://localhost:6379/0",', own)
    # The visitors of the file have other things in their carts.
    return run(source.replace("cart: list[int]", "cart: list"))["app"]


def test_the_programs_have_the_same_routes() -> None:
    run(BEFORE)
    routes = [
        node.name for node in ast.parse(BEFORE).body if isinstance(node, ast.AsyncFunctionDef)
    ]
    after = [node.name for node in ast.parse(AFTER).body if isinstance(node, ast.AsyncFunctionDef)]
    assert routes == after


def test_the_program_after(server: Process, prefix: str) -> None:
    with served(application(server, prefix)) as url, client(url) as browser:
        assert browser.get("/me").status_code == 401
        browser.post("/login", params={"user": 42})
        for item in (1, 2):
            browser.post("/cart", params={"item": item}).raise_for_status()
        assert browser.get("/me").json() == {"user_id": 42, "cart": [1, 2]}
        assert browser.post("/password").status_code == 200
        (device,) = browser.get("/devices").json()
        assert device["ip"] == "127.0.0.1"
        with client(url) as other:
            other.post("/login", params={"user": 42})
            other.post("/logout-everywhere")
        assert browser.get("/me").status_code == 401
        browser.post("/login", params={"user": 42})
        browser.post("/logout")
        assert browser.get("/me").status_code == 401


@pytest.fixture
def old() -> Iterator[Process]:
    """A server with the keys of the file, as if they had been made an hour ago."""
    with Group() as group:
        server = group.start(plain=True)
        with server.client() as raw:
            for name, key in MADE["keys"].items():
                values = dict(key["hash"])
                if "d" in values:
                    record = json.loads(values["d"])
                    record["m"]["created"] = time.time() - 3600
                    record["m"]["last_access"] = time.time() - 60
                    values["d"] = json.dumps(record)
                raw.hset(name, mapping=values)
                if key["seconds"] > 0:
                    raw.expire(name, key["seconds"])
            raw.hset("redis:fastapi:session:" + "A" * 43, "d", "Y2lwaGVydGV4dA==")
        yield server


@pytest.fixture
def move(old: Process, server: Process, prefix: str, tmp_path: Path) -> Move:
    return Move("fastapi-redis-sdk", old, server, prefix, tmp_path)


COOKIES = {v["session"].get("user_id", 0): v["cookie"] for v in MADE["visitors"]}


def test_the_sessions_keep_their_times_and_users(
    server: Process, prefix: str, old: Process, move: Move
) -> None:
    with old.client() as raw:
        before = contents(raw)
    # One of the keys is encrypted.
    move.run("--user", "/user_id", some_left=True)
    with server.client() as raw:
        sessions = Sessions(raw)
        for visitor in MADE["visitors"]:
            found = sessions.get(key_of_token(prefix, visitor["cookie"]), with_info=True)
            assert found is not None
            assert found.data == visitor["session"]
            assert found.info.deadline is not None
            # The key had 28,800 seconds left when the file was made.
            assert 0 < found.info.deadline - found.info.created <= (28_800 + 3600 + 300) * 1000
            user = visitor["session"].get("user_id")
            assert found.info.user == (user and f"{prefix}{user}")
    with old.client() as raw:
        assert contents(raw) == before


def test_the_application_takes_the_old_cookie_and_replaces_it_at_the_login(
    server: Process, prefix: str, move: Move
) -> None:
    move.run("--user", "/user_id", some_left=True)
    argument = 'imported="session"'
    assert argument in TAKING
    with served(application(server, prefix, argument)) as url:
        browser = Visitor(url, {"session": COOKIES[1]})
        assert browser.get("/me") == {"user_id": 1, "cart": ["ä", 1]}
        assert browser.get("/devices")[0]["current"]
        # fresh=300, and the login was an hour ago
        assert browser.send("POST", "/password").status_code == 401
        reply = browser.post("/login?user=1")
        assert names_set(reply) == {"__Host-session", "session"}
        assert set(browser.cookies) == {"__Host-session"}
        assert browser.get("/me") == {"user_id": 1, "cart": ["ä", 1]}
        browser.post("/password")
        # "Log out everywhere" ends what was imported, and a second import does not bring it back.
        browser = Visitor(url, {"session": COOKIES[2]})
        copy = browser.copy()
        browser.post("/logout-everywhere")
        assert browser.cookies == {}
        move.run("--user", "/user_id", some_left=True)
        assert copy.send("GET", "/me").status_code == 401
        # A visitor without a login keeps what they had, and logs in with it.
        browser = Visitor(url, {"session": COOKIES[0]})
        browser.post("/login?user=7")
        assert browser.get("/me")["cart"] == [1, {"price": 1.5}]


def names_set(reply: httpx.Response) -> set[str]:
    return {header.partition("=")[0] for header in reply.headers.get_list("set-cookie")}


def visit_the_program_before(
    server: Process, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, Any]]:
    """Logs visitors in with the library, whose settings are variables of the environment.

    Gives what the program shows to each, by their cookies.
    """
    monkeypatch.setenv("REDIS_URL", address(server))
    monkeypatch.setenv("REDIS_SESSION_COOKIE_HTTPS_ONLY", "false")
    shown = {}
    with served(run(BEFORE)["app"]) as url:
        for user in (1, 2, 2):
            browser = Visitor(url)
            browser.post(f"/login?user={user}")
            for item in (user, 7):
                browser.post(f"/cart?item={item}")
            shown[browser.cookies["session"]] = browser.get("/me")
    return shown


def test_visitors_of_the_program_before_are_visitors_of_the_program_after(
    old: Process, server: Process, prefix: str, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old.client() as raw:
        if b"hexpire" in raw.command_list():
            raw.flushall()
            shown = visit_the_program_before(old, monkeypatch)
            move.run("--user", "/user_id")
        else:
            # The server is one that the library cannot use.
            found = [v for v in MADE["visitors"] if "user_id" in v["session"]]
            shown = {v["cookie"]: v["session"] for v in found}
            move.run("--user", "/user_id", some_left=True)
        ends = {cookie: raw.pexpiretime(f"redis:fastapi:session:{cookie}") for cookie in shown}
    with server.client() as raw:
        for cookie, end in ends.items():
            info = Sessions(raw).info(key_of_token(prefix, cookie))
            assert info is not None
            assert info.deadline is not None
            assert abs(info.deadline - end) < SLACK
    with served(application(server, prefix, 'imported="session"')) as url:
        for cookie, data in shown.items():
            browser = Visitor(url, {"session": cookie})
            assert browser.get("/me") == data
            browser.post("/cart?item=9")
            assert browser.get("/me")["cart"] == [*data["cart"], 9]
            browser.post("/logout")
            assert browser.cookies == {}
            assert Visitor(url, {"session": cookie}).send("GET", "/me").status_code == 401
