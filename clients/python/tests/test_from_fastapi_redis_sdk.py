"""docs/from-fastapi-redis-sdk.md: its programs run, and visitors stay logged in.

The sessions to import are those that the library itself has written: data/make_fastapi_redis_sdk.py
made the file, on a server of a version that the tests need not have.
"""

import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.servers import Group, Process
from support.web import client, served

from redis_session_client import Sessions, key_of_token

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parent / "docs" / "from-fastapi-redis-sdk.md").read_text()
BEFORE, AFTER, IMPORT, FRONTEND = re.findall(
    r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
)
MADE = json.loads((FOLDER / "data" / "fastapi_redis_sdk.json").read_text())


def run(source: str, **space: Any) -> dict[str, Any]:
    exec(compile(source, "from-fastapi-redis-sdk", "exec", dont_inherit=True), space)  # noqa: S102
    return space


def application(server: Process, prefix: str, more: str = "insecure=True") -> Any:
    """The program after the move, on the tests' server and with http."""
    own = f'"{server.url}", prefix="{prefix}", {more},'
    source = AFTER.replace('"redis://localhost:6379/0",', own)
    # The visitors of the file have other things in their carts.
    return run(source.replace("cart: list[int]", "cart: list"), **run(FRONTEND))["app"]


def test_the_program_before_is_python() -> None:
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
        server = group.start()
        with server.client() as raw:
            for name, key in MADE["keys"].items():
                values = dict(key["hash"])
                if "d" in values:
                    record = json.loads(values["d"])
                    record["m"]["created"] = time.time() - 3600
                    values["d"] = json.dumps(record)
                raw.hset(name, mapping=values)
                if key["seconds"] > 0:
                    raw.expire(name, key["seconds"])
            raw.hset("redis:fastapi:session:" + "A" * 43, "d", "Y2lwaGVydGV4dA==")
        yield server


def test_visitors_stay_logged_in(
    server: Process, prefix: str, old: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    source = IMPORT.replace("redis://localhost:6379/0", old.url)
    source = source.replace("redis://localhost:6380/0", server.url)
    source = source.replace('"session:"\n', f'"{prefix}"\n')
    run(source)
    run(source)
    assert capsys.readouterr().out.splitlines() == [
        "{'imported': 4, 'there already': 0, 'left': 1}",
        "{'imported': 0, 'there already': 4, 'left': 1}",
    ]
    with server.client() as raw:
        sessions = Sessions(raw)
        for visitor in MADE["visitors"]:
            found = sessions.get(key_of_token(prefix, visitor["cookie"]), with_info=True)
            assert found is not None
            assert found.data == visitor["session"]
            assert found.info.idle == 1_800_000
            assert found.info.deadline is not None
            # The key had 28,800 seconds left when the file was made.
            assert 0 < found.info.deadline - found.info.created <= (28_800 + 3600 + 300) * 1000
            user = visitor["session"].get("user_id")
            assert found.info.user == (user and f"{prefix}{user}")
            assert found.info.authenticated == (found.info.created if user else None)


def test_the_application_reads_the_old_cookie_and_replaces_it_at_the_login(
    server: Process, prefix: str, old: Process
) -> None:
    source = IMPORT.replace("redis://localhost:6379/0", old.url)
    source = source.replace("redis://localhost:6380/0", server.url)
    run(source.replace('"session:"\n', f'"{prefix}"\n').replace("print(counts)", ""))
    more = 'frontends=[OldCookieToo(CookiePolicy("new", insecure=True))]'
    app = application(server, prefix, more)
    visitors = {v["session"].get("user_id", 0): v["cookie"] for v in MADE["visitors"]}
    with served(app) as url, client(url) as browser:
        browser.cookies.set("session", visitors[1], domain="127.0.0.1")
        assert browser.get("/me").json() == {"user_id": 1, "cart": ["ä", 1]}
        assert browser.get("/devices").json()[0]["current"]
        # fresh=300, and the login was an hour ago
        assert browser.post("/password").status_code == 401
        reply = browser.post("/login", params={"user": 1})
        assert names_set(reply) == {"new", "session"}
        assert set(browser.cookies) == {"new"}
        assert browser.get("/me").json() == {"user_id": 1, "cart": ["ä", 1]}
        assert browser.post("/password").status_code == 200
        browser.cookies.clear()
        browser.cookies.set("session", visitors[2], domain="127.0.0.1")
        browser.post("/logout-everywhere")
        assert "session" not in browser.cookies
        # A visitor without a login keeps what they had, and logs in with it.
        browser.cookies.set("session", visitors[0], domain="127.0.0.1")
        browser.post("/login", params={"user": 7})
        assert browser.get("/me").json()["cart"] == [1, {"price": 1.5}]


def names_set(reply: httpx.Response) -> set[str]:
    return {header.partition("=")[0] for header in reply.headers.get_list("set-cookie")}
