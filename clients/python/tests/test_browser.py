"""The shop of examples/shop in a real Chromium, over https, as a person sees it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from storefront import create_app
from support.browser import launch_options, launched, log_in, new_context, patient
from support.servers import Process
from support.web import served

from redis_session_client.fastapi import SessionManager

NewPage = Callable[[], Page]
Profile = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = trustme.CA().issue_cert("localhost")
    folder = tmp_path_factory.mktemp("certificate")
    paths = {"ssl_certfile": folder / "cert.pem", "ssl_keyfile": folder / "key.pem"}
    made.cert_chain_pems[0].write_to_path(paths["ssl_certfile"])
    made.private_key_pem.write_to_path(paths["ssl_keyfile"])
    return paths


@pytest.fixture(scope="module")
def shared_shop(server: Process, site_prefix: str, certificate: dict[str, Path]) -> Iterator[str]:
    """The shop with the settings of production."""
    sessions = SessionManager(server.url, prefix=site_prefix, idle=3600, lifetime=7200)
    with served(create_app(sessions, look_every=0.2), **certificate) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def profile(browser: Browser, site: str) -> Iterator[Profile]:
    """Makes browser profiles: contexts that share nothing."""
    with ExitStack() as stack:

        def new(**options: Any) -> BrowserContext:
            return stack.enter_context(
                new_context(browser, base_url=site, ignore_https_errors=True, **options)
            )

        yield new


@pytest.fixture
def context(profile: Profile) -> BrowserContext:
    return profile()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def device(profile: Profile) -> NewPage:
    """Opens the shop in a new profile, and logs Ada in."""

    def new() -> Page:
        page = profile().new_page()
        page.goto("/login")
        log_in(page, "ada")
        return page

    return new


def ticket(context: BrowserContext) -> str:
    (cookie,) = context.cookies()
    return cookie["value"]


def is_out(page: Page) -> None:
    """The page shows nobody logged in. No click is needed: it reloads when its session ends."""
    expect(page.locator("#login-link")).to_be_visible()
    expect(page.locator("#user")).to_have_count(0)


# The cookie.


def test_who_only_looks_gets_no_cookie(page: Page, context: BrowserContext) -> None:
    for path in ("/", "/cart", "/login", "/office"):
        page.goto(path)
    assert context.cookies() == []


def test_the_cookie_is_as_promised(page: Page, context: BrowserContext) -> None:
    page.goto("/login")
    page.fill("#user-name", "ada")
    page.fill("#password", "lovelace")
    with page.expect_response("**/login") as answered:
        page.click("#log-in")
    headers = answered.value.all_headers()
    assert "domain" not in headers["set-cookie"].lower()
    assert headers["cache-control"] == "no-store"
    expect(page.locator("#user")).to_have_text("Ada")
    (cookie,) = context.cookies()
    value = cookie.pop("value")
    assert len(value) == 43
    assert cookie == {
        "name": "__Host-session",
        "domain": "localhost",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": True,
        "sameSite": "Lax",
    }
    assert page.evaluate("document.cookie") == ""


def test_over_http_the_insecure_setting_works_without_the_prefix(
    browser: Browser, server: Process, prefix: str
) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(create_app(sessions)) as url, new_context(browser, base_url=url) as context:
        page = context.new_page()
        page.goto("/login")
        log_in(page, "ada")
        (cookie,) = context.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("session", False, True)
        page.click("#logout")
        is_out(page)
        assert context.cookies() == []


@pytest.mark.parametrize("remember", [True, False])
def test_only_a_remembered_login_outlives_the_browser(
    browser: Browser, site: str, tmp_path: Path, remember: bool
) -> None:
    def started() -> BrowserContext:
        return patient(
            browser.browser_type.launch_persistent_context(
                tmp_path, base_url=site, ignore_https_errors=True, **launch_options()
            )
        )

    with started() as context:
        page = context.new_page()
        page.goto("/login")
        before = time.time()
        log_in(page, "ada", remember=remember)
        after = time.time()
        (cookie,) = context.cookies()
        # Chromium adds Max-Age to the time at which it gets the cookie; it may round to seconds.
        expires = cookie["expires"] - 7200
        assert (before - 1 <= expires <= after + 1) == remember
    with started() as context:
        page = context.new_page()
        page.goto("/")
        expect(page.locator("#user" if remember else "#login-link")).to_be_visible()


# Login and logout.


def test_a_login_changes_the_cookie_and_keeps_the_cart(
    page: Page, context: BrowserContext, profile: Profile
) -> None:
    page.goto("/")
    page.click("#add-tea")
    before = ticket(context)
    page.click("#login-link")
    log_in(page, "ada")
    assert ticket(context) != before
    expect(page.locator("#cart-count")).to_have_text("1")
    thief = profile()
    thief.add_cookies([{**context.cookies()[0], "value": before}])  # type: ignore[typeddict-item]
    stolen = thief.new_page()
    stolen.goto("/")
    is_out(stolen)
    expect(stolen.locator("#cart-count")).to_have_count(0)


def test_a_logout_in_one_tab_is_one_in_the_other(page: Page, context: BrowserContext) -> None:
    page.goto("/login")
    log_in(page, "ada")
    other = context.new_page()
    other.goto("/devices")
    expect(other.locator("#user")).to_have_text("Ada")
    page.click("#logout")
    is_out(page)
    is_out(other)
    assert context.cookies() == []
    other.goto("/devices")
    expect(other).to_have_url(re.compile("/login.next=%2Fdevices$"))


def test_without_scripts_the_other_tab_is_out_at_its_next_click(
    profile: Profile,
) -> None:
    context = profile(java_script_enabled=False)
    page, other = context.new_page(), context.new_page()
    page.goto("/login")
    log_in(page, "ada")
    other.goto("/")
    expect(other.locator("#user")).to_have_text("Ada")
    page.click("#logout")
    is_out(page)
    other.click("text=Your devices")
    is_out(other)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_back_button_shows_nothing_private_after_a_logout(
    profile: Profile, scripts: bool
) -> None:
    page = profile(java_script_enabled=scripts).new_page()
    page.goto("/login")
    log_in(page, "ada")
    page.click("text=Your devices")
    expect(page.locator(".devices li")).to_have_count(1)
    page.click("#logout")
    is_out(page)
    page.go_back(wait_until="commit")
    is_out(page)
    expect(page.locator(".devices")).to_have_count(0)
    page.go_back(wait_until="commit")
    is_out(page)


def test_a_wrong_password_logs_nobody_in(page: Page, context: BrowserContext) -> None:
    page.goto("/login")
    page.fill("#user-name", '"><b id="injected">')
    page.fill("#password", "lovelace")
    page.click("#log-in")
    expect(page.locator("#failed")).to_be_visible()
    expect(page.locator("#injected")).to_have_count(0)
    assert context.cookies() == []


def test_another_user_finds_nothing_of_the_one_before(page: Page, context: BrowserContext) -> None:
    page.goto("/login")
    log_in(page, "ada")
    page.goto("/")
    page.click("#add-tea")
    page.goto("/login")
    log_in(page, "grace")
    expect(page.locator("#cart-count")).to_have_count(0)
    page.goto("/devices")
    expect(page.locator(".devices li")).to_have_count(1)


# Devices.


def test_log_out_everywhere_else(device: NewPage) -> None:
    here, there, elsewhere = device(), device(), device()
    here.goto("/devices")
    expect(here.locator(".devices li")).to_have_count(3)
    here.click("#end-others")
    expect(here.locator("#notice")).to_have_text("Logged out on 2 other device(s).")
    is_out(there)
    is_out(elsewhere)
    expect(here.locator(".devices li")).to_have_count(1)
    expect(here.locator("#user")).to_have_text("Ada")


def test_log_out_everywhere(device: NewPage) -> None:
    here, there = device(), device()
    here.goto("/devices")
    here.click("#end-everywhere")
    is_out(here)
    is_out(there)
    assert here.context.cookies() == []


def test_a_page_notices_that_its_session_ended_while_it_loaded(device: NewPage) -> None:
    here, there = device(), device()
    held: list[Route] = []
    there.route("**/live.js", lambda route: held.append(route))
    there.goto("/", wait_until="commit")
    expect(there.locator("#user")).to_have_text("Ada")
    here.goto("/devices")
    here.click("#end-everywhere")
    is_out(here)
    # Only now does the page open its WebSocket, which the server refuses.
    held[0].continue_()
    is_out(there)


def test_end_one_device(device: NewPage) -> None:
    here, phone, desk = device(), device(), device()
    phone.goto("/devices")
    handle = phone.locator(".devices li.current").get_attribute("data-handle")
    here.goto("/devices")
    expect(here.locator(".devices li")).to_have_count(3)
    here.locator(f".devices li[data-handle='{handle}'] button").click()
    is_out(phone)
    expect(here.locator(".devices li")).to_have_count(2)
    desk.reload()
    expect(desk.locator("#user")).to_have_text("Ada")


def test_the_page_of_devices_has_nothing_that_opens_a_session(device: NewPage) -> None:
    here, there = device(), device()
    here.goto("/devices")
    html = here.content()
    for page in (here, there):
        assert ticket(page.context) not in html
    handle = here.locator(".devices li:not(.current)").get_attribute("data-handle")
    assert handle
    there.context.clear_cookies()
    cookie = {**here.context.cookies()[0], "value": handle}
    there.context.add_cookies([cookie])  # type: ignore[list-item]
    there.goto("/")
    is_out(there)


# The cart.


def test_two_tabs_at_once_both_keep_their_change(page: Page, context: BrowserContext) -> None:
    page.goto("/")
    page.click("#add-honey")
    other = context.new_page()
    other.goto("/")
    put = """item => { window.done = Promise.all([...Array(10)].map(() =>
        fetch("/cart", {method: "POST", body: new URLSearchParams({item})}))); }"""
    page.evaluate(put, "tea")
    other.evaluate(put, "bread")
    for tab in (page, other):
        assert tab.evaluate("window.done.then(all => all.every(one => one.ok))")
    page.goto("/cart")
    rows = page.locator("#cart tbody tr")
    expect(rows).to_have_count(3)
    numbers = {
        row.get_attribute("data-item"): row.locator(".number").first.inner_text()
        for row in rows.all()
    }
    assert numbers == {"honey": "1", "tea": "10", "bread": "10"}


def test_taking_out_in_one_tab_and_putting_in_in_another(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/")
    page.click("#add-tea")
    page.goto("/cart")
    other = context.new_page()
    other.goto("/")
    other.click("#add-bread")
    page.click("text=Take one out")
    expect(page.locator("[data-item=tea]")).to_have_count(0)
    expect(page.locator("[data-item=bread]")).to_have_count(1)


def test_many_clicks_on_order_make_one_order(page: Page, profile: Profile) -> None:
    office = profile().new_page()
    office.goto("/login?next=/office")
    log_in(office, "grace")
    before = office.locator("#orders tbody tr").count()
    page.goto("/login")
    log_in(page, "ada")
    page.goto("/")
    page.click("#add-tea")
    expect(page.locator("#cart-count")).to_have_text("1")
    page.evaluate(
        """() => Promise.all([...Array(5)].map(() => fetch("/checkout", {method: "POST"})))"""
    )
    page.goto("/cart")
    expect(page.locator("#empty")).to_be_visible()
    office.reload()
    expect(office.locator("#orders tbody tr")).to_have_count(before + 1)


def test_what_an_action_says_is_shown_once(page: Page) -> None:
    page.goto("/")
    page.click("#add-tea")
    expect(page.locator("#notice")).to_have_text("Green tea is in your cart.")
    page.reload()
    expect(page.locator("#notice")).to_have_count(0)


# Access control.


def test_the_back_office_refuses_and_admits(page: Page) -> None:
    page.goto("/office")
    expect(page).to_have_url(re.compile("/login.next=%2Foffice$"))
    log_in(page, "ada")
    expect(page.locator("#refused")).to_be_visible()
    answer = page.reload()
    assert answer is not None
    assert answer.status == 403
    page.goto("/login?next=/office")
    log_in(page, "grace")
    expect(page.locator("h1")).to_have_text("Orders")


def test_a_form_of_another_site_does_nothing(
    page: Page, context: BrowserContext, site: str
) -> None:
    page.goto("/")
    page.click("#add-tea")
    evil = context.new_page()
    evil.set_content(
        f'<form method="post" action="{site}/cart"><button name="item" value="bread">x</button>'
    )
    with evil.expect_response("**/cart") as answered:
        evil.click("button")
    assert answered.value.status == 403
    page.reload()
    expect(page.locator("#cart-count")).to_have_text("1")
