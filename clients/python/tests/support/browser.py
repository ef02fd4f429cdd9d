"""A real, headless Chromium for the tests of the shop.

All tests of a run share one browser process. Each has contexts of its own: profiles with nothing in
common. Chromium's own time limits are replaced by LIMIT, so that a busy machine fails no test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from .servers import LIMIT

# Chromium must request nothing except the pages under test. Its sandbox does not work as root.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


def binary() -> str:
    """The path of Chromium or Chrome. RuntimeError if none starts: the tests are never skipped."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "google-chrome", "chromium-browser"]
    for path in filter(None, map(shutil.which, names)):
        # On Ubuntu `chromium-browser` is a script that only points to a snap.
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if told.returncode == 0 and "Chrom" in told.stdout:
            return path
    raise RuntimeError(
        "the browser tests need Chromium: sudo apt-get install chromium (Debian); elsewhere let "
        "CHROMIUM name the binary of Chromium or Chrome"
    )


def launch_options() -> dict[str, Any]:
    return {
        "executable_path": binary(),
        "args": ARGUMENTS,
        # Playwright switches off the cache from which the back button restores pages.
        "ignore_default_args": ["--disable-back-forward-cache"],
        "timeout": LIMIT * 1000,
    }


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=LIMIT * 1000)
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@contextmanager
def new_context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A browser profile with nothing in it."""
    with browser.new_context(**options) as context:
        yield patient(context)


def patient(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(LIMIT * 1000)
    return context


def log_in(page: Page, user: str, *, remember: bool = False) -> None:
    """Fills in the login page, and waits until the shop shows the user's name."""
    passwords = {"ada": "lovelace", "grace": "hopper"}
    page.fill("#user-name", user)
    page.fill("#password", passwords[user])
    if remember:
        page.check("[name=remember]")
    page.click("#log-in")
    expect(page.locator("#user")).to_have_text(user.capitalize())
