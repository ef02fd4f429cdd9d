"""A Flask application in a real Chromium: two tabs, messages, and a logout everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import trustme
from flask import Flask, abort, flash, redirect, render_template_string, request, session, url_for
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import launched, new_context
from support.flask_site import served_flask
from support.servers import Process
from werkzeug.wrappers import Response

from redis_session_client.flask import RedisSessions

PAGE = """<!doctype html><title>Flask</title>
<ul id=messages>{% for text in get_flashed_messages() %}<li>{{ text }}{% endfor %}</ul>
{% if session.name %}
<p id=user>{{ session.name }}</p><p id=devices>{{ devices }}</p>
<form method=post action="{{ url_for('everywhere') }}"><button id=everywhere>Out</button></form>
{% else %}
<form method=post action="{{ url_for('login') }}">
<input id=name name=name><label><input type=checkbox name=remember id=remember>stay</label>
<button id=login>In</button></form>
{% endif %}
<p id=cart>{{ session.get("cart", {})|length }}</p>
<form method=post action="{{ url_for('add') }}"><button id=add>Add</button></form>
"""


def shop(url: str, prefix: str, **options: Any) -> Flask:
    app = Flask(__name__)
    sessions = RedisSessions(app, url, prefix=prefix, user="user_id", **options)

    @app.get("/")
    def index() -> str:
        return render_template_string(PAGE, devices=len(sessions.devices()))

    @app.post("/login")
    def login() -> Response:
        name = request.form["name"]
        if not name:
            abort(400)
        sessions.login(name, name=name.title(), remember="remember" in request.form)
        flash(f"Welcome, {name.title()}")
        return redirect(url_for("index"))

    @app.post("/add")
    def add() -> Response:
        cart = session.setdefault("cart", {})
        cart[str(len(cart))] = 1
        return redirect(url_for("index"))

    @app.post("/everywhere")
    def everywhere() -> Response:
        ended = sessions.end_everywhere()
        flash(f"Logged out {ended} times")
        return redirect(url_for("index"))

    return app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def shop_url(
    server: Process, site_prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    made = trustme.CA().issue_cert("localhost")
    folder = tmp_path_factory.mktemp("certificate")
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    made.private_key_pem.write_to_path(folder / "key.pem")
    files = (str(folder / "cert.pem"), str(folder / "key.pem"))
    with served_flask(shop(server.url, site_prefix), ssl_context=files) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def profile(
    chromium: Browser, shop_url: str, prefix: str
) -> Iterator[Callable[[], BrowserContext]]:
    """Makes browser profiles that share nothing."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            new_context(chromium, base_url=shop_url, ignore_https_errors=True)
        )


def log_in(page: Page, name: str = "ada", *, remember: bool = False) -> None:
    page.goto("/")
    page.fill("#name", name)
    if remember:
        page.check("#remember")
    page.click("#login")
    expect(page.locator("#user")).to_have_text(name.title())


def test_who_only_looks_gets_no_cookie(profile: Callable[[], BrowserContext]) -> None:
    context = profile()
    context.new_page().goto("/")
    assert context.cookies() == []


@pytest.mark.parametrize("remember", [False, True])
def test_the_cookie_is_as_promised(profile: Callable[[], BrowserContext], remember: bool) -> None:
    context = profile()
    page = context.new_page()
    log_in(page, remember=remember)
    (cookie,) = context.cookies()
    assert len(cookie.pop("value")) == 43
    assert (cookie.pop("expires") > 0) is remember
    assert cookie == {
        "name": "__Host-session",
        "domain": "localhost",
        "path": "/",
        "httpOnly": True,
        "secure": True,
        "sameSite": "Lax",
    }
    assert page.evaluate("document.cookie") == ""


def test_two_tabs_share_a_session_and_a_message_is_shown_once(
    profile: Callable[[], BrowserContext],
) -> None:
    context = profile()
    one, two = context.new_page(), context.new_page()
    two.goto("/")
    two.click("#add")
    expect(two.locator("#cart")).to_have_text("1")
    log_in(one)
    expect(one.locator("#messages li")).to_have_text("Welcome, Ada")
    expect(one.locator("#cart")).to_have_text("1")
    two.click("#add")
    expect(two.locator("#user")).to_have_text("Ada")
    expect(two.locator("#cart")).to_have_text("2")
    expect(two.locator("#messages li")).to_have_count(0)
    one.reload()
    expect(one.locator("#messages li")).to_have_count(0)
    expect(one.locator("#cart")).to_have_text("2")


def test_a_logout_everywhere_reaches_other_browsers(
    profile: Callable[[], BrowserContext],
) -> None:
    first, second = profile(), profile()
    here, there = first.new_page(), second.new_page()
    log_in(here)
    log_in(there)
    expect(there.locator("#devices")).to_have_text("2")
    here.reload()
    here.click("#everywhere")
    expect(here.locator("#messages li")).to_have_text("Logged out 2 times")
    expect(here.locator("#user")).to_have_count(0)
    there.reload()
    expect(there.locator("#user")).to_have_count(0)


def test_over_http_the_insecure_setting_works(
    chromium: Browser, server: Process, prefix: str
) -> None:
    with (
        served_flask(shop(server.url, prefix, insecure=True)) as url,
        new_context(chromium, base_url=url) as context,
    ):
        log_in(context.new_page())
        (cookie,) = context.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("session", False, True)
