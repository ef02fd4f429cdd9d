"""The programs under "After" in docs/migration.md work."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from support.servers import Process
from support.web import client, served

from redis_session.fastapi import LiveSession, SessionManager, Visit

TEXT = (Path(__file__).parent.parent / "docs" / "migration.md").read_text()


@contextmanager
def program(chapter: str, sessions: SessionManager) -> Iterator[httpx.Client]:
    """Serves the last program of a chapter."""
    text = TEXT.split(f"\n## {chapter}")[1].split("\n## ")[0]
    source = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[-1]
    # Use the tests' server, and http.
    source = re.sub(r"^sessions = .*$", "", source, flags=re.MULTILINE)
    source = source.replace("sessions.install(app)\n", "")
    app = FastAPI()
    sessions.install(app)
    space: dict[str, Any] = {
        "Annotated": Annotated,
        "BaseModel": BaseModel,
        "Depends": Depends,
        "LiveSession": LiveSession,
        "Visit": Visit,
        "app": app,
        "sessions": sessions,
    }
    exec(compile(source, chapter, "exec", dont_inherit=True), space)  # noqa: S102
    with served(app) as url, client(url) as browser:
        yield browser


def manager(server: Process, prefix: str) -> SessionManager:
    return SessionManager(server.url, prefix=prefix, insecure=True)


def test_from_authx(server: Process, prefix: str) -> None:
    with program("AuthX", manager(server, prefix)) as browser:
        assert browser.get("/getSession").json() is None
        browser.post("/setSession", json={"n": 1})
        assert browser.get("/getSession").json() == {"n": 1}
        browser.post("/deleteSession")
        assert browser.get("/getSession").json() is None


def test_from_fastapi_sessions(server: Process, prefix: str) -> None:
    with program("fastapi-sessions", manager(server, prefix)) as browser:
        assert browser.get("/whoami").status_code == 401
        browser.post("/create_session/ada")
        assert browser.get("/whoami").json() == {"username": "ada"}
        browser.post("/create_session/banned")
        assert browser.get("/whoami").status_code == 403
        browser.post("/delete_session")
        assert browser.get("/whoami").status_code == 401


def test_from_starsessions(server: Process, prefix: str) -> None:
    with program("starsessions", manager(server, prefix)) as browser:
        assert browser.get("/me").status_code == 401
        browser.post("/login")
        assert browser.get("/me").json() == "ada"
