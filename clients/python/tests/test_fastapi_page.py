"""The programs of docs/fastapi.md run as printed, with the address of the server replaced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.programs import programs, running
from support.servers import Process
from support.web import client

from redis_session_client.web.away import RETRY_AFTER

PAGE = (Path(__file__).parent.parent / "docs" / "fastapi.md").read_text()
URL = "redis://localhost:6379/0"


def program(index: int, folder: Path, server: Process) -> None:
    text = programs(PAGE)[index]
    assert URL in text
    (folder / "app.py").write_text(text.replace(URL, server.url))


def test_own_answers(server: Process, tmp_path: Path) -> None:
    program(0, tmp_path, server)
    with running(tmp_path) as url, client(url) as browser:
        reply = browser.get("/account")
        assert (reply.status_code, reply.headers["location"]) == (303, "/login?next=/account")
        browser.post("/login", params={"user": "eve"})
        assert browser.get("/account").json() == "your account"
        refused = browser.get("/payment")
        assert (refused.status_code, refused.json()) == (403, {"error": "verifier"})
        browser.post("/login", params={"user": "ada"})
        assert browser.get("/payment").json() == "your card"


def test_mounted_applications(server: Process, tmp_path: Path) -> None:
    program(3, tmp_path, server)
    with running(tmp_path, "app:shop") as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
        browser.post("/office/login", params={"user": "bob"})
        assert browser.get("/me").json() == "ada"
        assert browser.get("/office/me").json() == "bob"
        assert browser.get("/office/customer").json() == "ada"
        assert set(browser.cookies) == {"session", "office"}


@pytest.mark.parametrize("text", programs(PAGE)[1:3])
def test_programs_of_settings(text: str) -> None:
    exec(compile(text, "fastapi.md", "exec"), {})  # noqa: S102


def test_every_chapter_is_in_the_list_of_chapters() -> None:
    listed = re.findall(r"\[([^]]+)\]\(#([a-z-]+)\)", PAGE.partition("\n## ")[0])
    chapters = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert [title for title, _ in listed] == chapters
    anchors = [re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in chapters]
    assert [anchor for _, anchor in listed] == anchors
    assert set(re.findall(r"\]\(#([a-z-]+)\)", PAGE)) == set(anchors)


def test_the_seconds_of_retry_after_are_as_printed() -> None:
    assert f"`Retry-After: {RETRY_AFTER}`" in PAGE
