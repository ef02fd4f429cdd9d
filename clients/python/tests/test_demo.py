"""The shop of examples/shop as a program, and the parts of it that need no browser to test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
import redis
from storefront import create_app
from support.servers import LIMIT, Process, eventually, module
from support.web import client, get, served

from redis_session_client.fastapi import SessionManager

SHOP = Path(__file__).parents[1] / "examples" / "shop"


@pytest.fixture(scope="module")
def shared_shop(server: Process, site_prefix: str) -> Iterator[str]:
    sessions = SessionManager(server.url, prefix=site_prefix, insecure=True)
    with served(create_app(sessions, look_every=0.2)) as url:
        yield url


def log_in(browser: httpx.Client, **more: str) -> httpx.Response:
    return browser.post("/login", data={"user": "ada", "password": "lovelace", **more})


def test_the_program_starts_says_where_it_is_and_ends_with_all_it_started() -> None:
    process = subprocess.Popen(
        [sys.executable, "serve.py", "--port", "0"],
        cwd=SHOP,
        env={**os.environ, "REDIS_SESSION_MODULE": module()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = ""
        while "Ctrl-C ends" not in told:
            line = process.stdout.readline()
            assert line, f"it ended after: {told}"
            told += line
        address = re.search(r"http://localhost:\d+", told)
        server = re.search(r"redis-cli -p (\d+)", told)
        assert address
        assert server
        eventually("the shop", partial(answers, address[0]))
        port = int(server[1])
        run = run_id(port)
        assert run is not None
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 0, rest
        process.stdout.close()
    assert "Traceback" not in rest
    assert run_id(port) != run


def run_id(port: int) -> str | None:
    """Identifies the server process on a port. Another process can have the port later."""
    try:
        with redis.Redis(port=port, decode_responses=True, socket_timeout=LIMIT) as own:
            return str(own.info("server")["run_id"])
    except (redis.RedisError, OSError):
        return None


def answers(address: str) -> bool:
    try:
        return get(address).status_code == 200
    except httpx.TransportError:
        return False


def test_a_visitor_who_stores_nothing_has_no_session(
    browser: httpx.Client, raw: redis.Redis, prefix: str
) -> None:
    for path in ("/", "/cart", "/login"):
        assert "set-cookie" not in browser.get(path).headers
    assert list(raw.scan_iter(match=f"{prefix}*", count=1000)) == []


def test_every_page_is_kept_out_of_caches_and_frames(browser: httpx.Client) -> None:
    log_in(browser)
    for path in ("/", "/cart", "/login", "/devices", "/office", "/nowhere"):
        headers = browser.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/logout", "cart"])
def test_a_login_leads_to_pages_of_the_shop_only(browser: httpx.Client, target: str) -> None:
    assert log_in(browser, next=target).headers["location"] == "/"
    assert log_in(browser, next="/cart").headers["location"] == "/cart"


def test_a_post_from_another_site_is_refused(browser: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/cart", "/login", "/logout"):
        assert browser.post(path, data={"item": "tea"}, headers=headers).status_code == 403


def test_what_the_shop_does_not_sell_is_404(browser: httpx.Client) -> None:
    assert browser.post("/cart", data={"item": "gold"}).status_code == 404
    assert "set-cookie" not in browser.get("/").headers


def test_a_full_cart_is_refused_by_the_server(browser: httpx.Client) -> None:
    for _ in range(50):
        assert browser.post("/cart", data={"item": "tea"}).status_code == 303
    answer = browser.post("/cart", data={"item": "tea"})
    assert answer.headers["location"] == "/cart"
    page = browser.get("/cart").text
    assert "Your cart is full" in page
    assert ">50<" in page


def test_a_handle_of_another_user_ends_nothing(browser: httpx.Client) -> None:
    log_in(browser)
    with client(str(browser.base_url)) as graces:
        graces.post("/login", data={"user": "grace", "password": "hopper"})
        (handle,) = re.findall(r'data-handle="([^"]+)"', graces.get("/devices").text)
        browser.post("/devices/end", data={"handle": handle})
        assert "was not logged in any more" in browser.get("/devices").text
        assert graces.get("/devices").status_code == 200


def test_a_remembered_login_has_a_cookie_that_lasts(browser: httpx.Client) -> None:
    assert "Max-Age" not in log_in(browser).headers["set-cookie"]
    assert "Max-Age=" in log_in(browser, remember="true").headers["set-cookie"]


def test_the_pictures_need_no_font(shared_shop: str) -> None:
    page = get(shared_shop).text
    assert page.count('<svg class="picture"') == 6
    for path in SHOP.rglob("*"):
        if path.is_file() and path.suffix in (".html", ".py", ".css", ".js", ".svg"):
            # Plain Debian has no font with emoji, which begin at U+2600.
            assert all(ord(character) < 0x2600 for character in path.read_text()), path
