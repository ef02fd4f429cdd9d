"""A real Chromium, headless, with a profile of its own for each context."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

# Nothing but the pages under test is asked for. Root cannot have Chromium's sandbox.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
OPTIONS: dict[str, Any] = {
    "args": ARGUMENTS,
    # Playwright switches off what the back button takes pages from.
    "ignore_default_args": ["--disable-back-forward-cache"],
}


def binary() -> str:
    """Chromium, or Chrome. Where there is none that starts, the tests fail: they never skip."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "google-chrome", "chromium-browser"]
    for path in filter(None, map(shutil.which, names)):
        # Ubuntu's package is a script that says that there is a snap.
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if told.returncode == 0 and "Chrom" in told.stdout:
            return path
    raise RuntimeError(
        "the browser tests need Chromium: sudo apt-get install chromium (Debian); elsewhere let "
        "CHROMIUM name the binary of Chromium or Chrome"
    )


@contextmanager
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=10_000)
        yield playwright.chromium


@contextmanager
def launched() -> Iterator[Browser]:
    with chromium() as kind:
        browser = kind.launch(executable_path=binary(), **OPTIONS)
        yield browser
        browser.close()


def log_in(page: Page, user: str, *, remember: bool = False) -> None:
    """From the login page."""
    passwords = {"ada": "lovelace", "grace": "hopper"}
    page.fill("#user-name", user)
    page.fill("#password", passwords[user])
    if remember:
        page.check("[name=remember]")
    page.click("#log-in")
    expect(page.locator("#user")).to_have_text(user.capitalize())
