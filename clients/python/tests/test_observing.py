"""The programs of docs/observing.md run, and its tables have what there is."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from support import shop
from support.servers import Process
from support.web import client, served

from redis_session_client.fastapi import MemoryBackend, SessionManager, signals

PAGE = (Path(__file__).parent.parent / "docs" / "observing.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_listeners_of_the_page(caplog: pytest.LogCaptureFixture) -> None:
    space: dict[str, Any] = {}
    exec(compile(PROGRAMS[0], "observing", "exec", dont_inherit=True), space)  # noqa: S102
    try:
        with caplog.at_level("INFO", "audit"):
            await signals.tell_login(MemoryBackend(), None, "ada")
            await signals.tell_refused(MemoryBackend(), None, "stale")
    finally:
        signals.logged_in.disconnect(space["note_login"])
        signals.refused.disconnect(space["note_refusal"])
    assert [record.getMessage() for record in caplog.records] == [
        "ada logged in from None",
        "refused: stale",
    ]


def test_the_mail_about_a_new_device(server: Process, prefix: str) -> None:
    space: dict[str, Any] = {}
    mails: list[tuple[str, str]] = []
    exec(compile(PROGRAMS[1], "observing", "exec", dont_inherit=True), space)  # noqa: S102

    async def send_mail(*mail: str) -> None:
        mails.append((mail[0], mail[1]))

    space["send_mail"] = send_mail
    manager = SessionManager(server.url, prefix=prefix, insecure=True, track_devices=True)
    try:
        with served(shop.make(manager)) as url:
            for agent in ("one", "one", "two"):
                with client(url, headers={"user-agent": agent}) as browser:
                    browser.post("/login", params={"user": "ada"})
    finally:
        signals.logged_in.disconnect(space["tell_of_new_devices"])
    assert mails == [("ada", "A login from 127.0.0.1, with two")]


def test_the_instrumented_program_of_the_page() -> None:
    space: dict[str, Any] = {}
    source = PROGRAMS[2].replace("instrument(sessions)", "made = instrument(sessions)")
    exec(compile(source, "observing", "exec", dont_inherit=True), space)  # noqa: S102
    space["made"].undo()


def test_the_page_names_all_reasons_and_ways() -> None:
    for name in (*get_args(signals.Reason), *get_args(signals.Logout)):
        assert f"`{name}`" in PAGE
