"""The programs under "After" in docs/migration.md work, and the one that imports sessions."""

import os
import pickle
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from support import moving
from support.moving import address
from support.servers import Group, Process
from support.web import client, served

from redis_session_client import Sessions, authx, key_of_token
from redis_session_client.fastapi import LiveSession, SessionManager, Visit

DOCS = Path(__file__).parent.parent / "docs"
TEXT = (DOCS / "migration.md").read_text()
MOVES = {
    command: path.name
    for path in sorted(DOCS.glob("*.md"))
    for command in re.findall(r"^ *(sessionctl import .*)$", path.read_text(), re.MULTILINE)
}


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


def test_the_program_that_imports_sessions_keeps_visitors_logged_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)[-1]
    assert "import_as" in source
    ids = [uuid4().hex for _ in range(3)]
    with Group() as group:
        server = group.start()
        source = source.replace("redis://localhost:6379/0", server.url)
        source = source.replace("redis://localhost:6379/1", server.url.replace("/0?", "/1?"))
        with server.client() as old, server.client(db=1) as new:
            for number, name in enumerate(ids):
                old.set(name, pickle.dumps({"n": number, "at": (1, None)}), ex=7200)
            old.set("1234", pickle.dumps("an ID that can be guessed"), ex=7200)
            old.set("x" * 32, "no session")
            sessions = Sessions(new)
            sessions.create_as(key_of_token("authx:", ids[2]), "there already")
            for _ in range(2):
                exec(compile(source, "migration", "exec", dont_inherit=True), {})  # noqa: S102
            assert new.dbsize() == 3
            info = sessions.info(key_of_token("authx:", ids[0]))
            assert info is not None
            assert info.deadline is not None
            # `created` has whole seconds.
            assert 0 < info.deadline - info.created < 7_201_000
            url = server.url.replace("/0?", "/1?")
            monkeypatch.setattr(authx, "config", authx._Config(redisURL=url))
            storage = authx.SessionStorage()
            assert [storage[name] for name in ids] == [
                {"n": 0, "at": [1, None]},
                {"n": 1, "at": [1, None]},
                "there already",
            ]


@pytest.mark.parametrize("command", MOVES, ids=[*map(str, range(len(MOVES)))])
def test_every_move_in_the_pages_is_one_that_the_program_knows(
    command: str, server: Process, tmp_path: Path
) -> None:
    with Group() as group:
        source = address(group.start(plain=True))
        target = address(server)
        words = [moving.program(), *command.split()[1:]]
        for option, url in (("--source", source), ("--url", target)):
            words[words.index(option) + 1] = url
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_pages_have_a_move_for_each_library() -> None:
    named = {found[1] for command in MOVES if (found := re.search(r"--from (\S+)", command))}
    assert named == {"starsessions", "fastapi-redis-sdk", "flask-session", "django"}
