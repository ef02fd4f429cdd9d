"""A Django site in a real Chromium: two tabs, the admin, and logging out everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import launched, new_context
from support.django_site import DJANGO, OWN, Site, site
from support.servers import Process


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(params=[DJANGO, OWN], ids=["django", "own"])
def shop(request: pytest.FixtureRequest, server: Process, prefix: str) -> Iterator[Site]:
    with site(server, prefix, middleware=request.param) as found:
        yield found


@pytest.fixture
def profiles(browser: Browser, shop: Site) -> Iterator[list[BrowserContext]]:
    with ExitStack() as stack:
        yield [stack.enter_context(new_context(browser, base_url=shop.url)) for _ in range(2)]


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.fill("#id_username", "ada")
    page.fill("#id_password", "ada's password")
    page.click("[type=submit]")
    expect(page.locator("#user-tools")).to_contain_text("Welcome")


def is_out(page: Page) -> None:
    page.goto("/admin/")
    expect(page.locator("#id_password")).to_be_visible()


def test_a_login_in_one_tab_is_one_in_the_other(profiles: list[BrowserContext]) -> None:
    one, other = profiles[0].new_page(), profiles[0].new_page()
    other.goto("/put?cart=7")
    (visitor,) = profiles[0].cookies()
    log_in(one)
    other.goto("/admin/")
    expect(other.locator("#user-tools")).to_contain_text("Welcome")
    cookie = next(c for c in profiles[0].cookies() if c["name"] == "session")
    assert cookie["value"] != visitor["value"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert one.evaluate("document.cookie").find(cookie["value"]) == -1
    # Both tabs at once.
    load = "url => { window.done = fetch(url).then(answer => answer.status) }"
    for number, page in enumerate([one, other] * 5):
        page.evaluate(load, f"/put?n{number}={number}")
    for page in (one, other):
        assert page.evaluate("window.done") == 200
    one.click("#logout-form button")
    is_out(other)


@pytest.mark.parametrize("shop", [OWN], ids=["own"], indirect=True)
def test_requests_of_another_tab_during_the_login_do_not_undo_it(
    profiles: list[BrowserContext],
) -> None:
    # Django's middleware sends the cookie with each change, also that of before the login.
    one, other = profiles[0].new_page(), profiles[0].new_page()
    other.goto("/put?cart=7")
    one.goto("/admin/")
    poll = """() => { window.stop = false; window.done = (async () => {
        while (!window.stop) await Promise.all([fetch("/"), fetch("/put?seen=1")]) })() }"""
    other.evaluate(poll)
    log_in(one)
    other.evaluate("() => { window.stop = true; return window.done }")
    one.reload()
    expect(one.locator("#user-tools")).to_contain_text("Welcome")
    one.goto("/")
    assert '"cart": 7' in one.content()


def test_log_out_everywhere_else(profiles: list[BrowserContext]) -> None:
    here, there = (context.new_page() for context in profiles)
    for page in (here, there):
        log_in(page)
    here.goto("/end-others")
    expect(here.locator("body")).to_contain_text('"ended": 1')
    is_out(there)
    here.goto("/admin/")
    expect(here.locator("#user-tools")).to_contain_text("Welcome")
