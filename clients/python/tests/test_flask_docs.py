"""The program of docs/flask.md is examples/flask_app.py, and runs as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from support.programs import programs
from support.servers import Process, eventually
from support.web import client

from redis_session_client.flask.settings import DEFAULTS

FOLDER = Path(__file__).parent.parent
PAGE = (FOLDER / "docs" / "flask.md").read_text()
EXAMPLE = (FOLDER / "examples" / "flask_app.py").read_text()


def test_the_page_begins_with_the_example() -> None:
    assert programs(PAGE)[0] == EXAMPLE
    assert len(EXAMPLE.splitlines()) < 30


def test_the_example_runs_as_printed(server: Process, prefix: str, tmp_path: Path) -> None:
    url = '"redis://localhost:6379/0"'
    assert url in EXAMPLE
    changed = EXAMPLE.replace(url, f'"{server.url}", prefix="{prefix}"')
    (tmp_path / "flask_app.py").write_text(changed)
    command = [sys.executable, "-m", "flask", "--app", "flask_app", "run", "--port", "0"]
    log = tmp_path / "log"
    with log.open("w") as out, subprocess.Popen(command, cwd=tmp_path, stderr=out) as process:
        try:
            told = eventually(
                "an application that serves",
                lambda: (
                    process.poll() is not None
                    or re.search(r"Running on (http://\S+)", log.read_text())
                ),
            )
            assert isinstance(told, re.Match), log.read_text()
            with client(told[1]) as browser:
                assert browser.get("/").json() == {"visits": 1, "messages": []}
                ada = {"name": "ada", "password": "wrong"}
                assert browser.post("/login", data=ada).status_code == 403
                before = browser.cookies["session"]
                ada["password"] = "lovelace"
                assert browser.post("/login", data=ada).status_code == 204
                assert browser.cookies["session"] != before
                shown = {"visits": 2, "name": "ada", "messages": ["Welcome"]}
                assert browser.get("/").json() == shown
                assert browser.get("/").json()["messages"] == []
                assert browser.post("/logout").status_code == 204
                assert browser.get("/").json() == {"visits": 1, "messages": []}
        finally:
            process.terminate()


def test_the_page_has_every_setting() -> None:
    rows = PAGE.partition("## Settings")[2].partition("Flask's own settings")[0]
    missing = [name for name in DEFAULTS if f"`{name}`" not in rows]
    assert missing == []
