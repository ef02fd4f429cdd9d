"""Settings from environment variables and `.env` files, and what is said of wrong ones."""

import inspect
import logging
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from support.servers import Process
from support.web import client, served

from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    MemoryBackend,
    RedisBackend,
    SessionManager,
)
from redis_session_client.starlette import SessionMiddleware
from redis_session_client.web.environment import arguments_from_environment, known_variables

PAGE = (Path(__file__).parent.parent / "docs" / "settings.md").read_text()


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and an environment without settings."""
    for name in os.environ:
        if name.startswith("REDIS_SESSION_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def variables(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"REDIS_SESSION_{name}", value)


def arguments(target: Any = SessionManager, **given: Any) -> dict[str, Any]:
    return arguments_from_environment(target, given, ".env")


def test_without_variables_the_defaults_apply() -> None:
    assert arguments() == arguments(SessionMiddleware) == {}


def test_variables_become_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(
        monkeypatch,
        URL="rediss://user:secret@example.test:6380/1",
        PREFIX="shop:",
        INSECURE="true",
        LIFETIME="P30D",
        IDLE=" 1800 ",
        MAX_SESSIONS="5",
        TRACK_DEVICES="1",
        REGISTER="no",
        REQUIRE_SERVER="no",
    )
    assert arguments() == {
        "backend": "rediss://user:secret@example.test:6380/1",
        "prefix": "shop:",
        "insecure": True,
        "lifetime": timedelta(days=30),
        "idle": timedelta(minutes=30),
        "max_sessions": 5,
        "track_devices": True,
        "register": False,
        "require_server": False,
    }
    manager = SessionManager.from_environment()
    assert isinstance(manager.frontends[0], CookieFrontend)
    assert manager.frontends[0].policy.insecure


def test_variables_of_the_middleware(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(
        monkeypatch,
        USER="name",
        ROTATE_ON="role, name",
        GRACE="5000",
        ROLLING="true",
        LIFETIME="3600",
        REMEMBER="true",
        SCHEMA="cart",
        ORIGINS="https://a.test,https://b.test",
        CHECK_EVERY="2.5",
    )
    found = arguments(SessionMiddleware)
    assert found == {
        "user": "name",
        "rotate_on": ("role", "name"),
        "grace": 5000,
        "rolling": True,
        "lifetime": timedelta(hours=1),
        "remember": True,
        "schema": "cart",
        "origins": ("https://a.test", "https://b.test"),
        "check_every": 2.5,
    }
    SessionMiddleware.from_environment(Starlette())


def test_variables_of_the_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(
        monkeypatch, COOKIE_NAME="sid", COOKIE_SAME_SITE="Strict", COOKIE_PATH="/shop", PREFIX="p:"
    )
    for target in (SessionManager, SessionMiddleware):
        found = arguments(target)
        (frontend,) = found.pop("frontends")
        assert frontend.policy == CookiePolicy("sid", same_site="Strict", path="/shop")
        assert found == {"prefix": "p:"}
    (frontend,) = arguments(insecure=True)["frontends"]
    assert frontend.policy.insecure


def test_the_variable_of_the_old_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, IMPORTED="sid")
    assert arguments() == arguments(SessionMiddleware) == {"imported": "sid"}
    assert arguments(imported="other") == {"imported": "other"}
    variables(monkeypatch, COOKIE_NAME="new")
    for given in ({}, {"imported": "other"}):
        (frontend,) = arguments(**given)["frontends"]
        assert (frontend.name, frontend.imported.full_name) == (
            "__Host-new",
            given.get("imported", "sid"),
        )
    own = [HeaderFrontend()]
    assert arguments(frontends=own) == {"frontends": own}
    backend = SessionManager.from_environment().backend
    assert isinstance(backend, RedisBackend)
    assert backend.ids.imported


def test_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, URL="redis://a", IDLE="5", COOKIE_NAME="sid", PREFIX="p:", INSECURE="1")
    frontends = [HeaderFrontend()]
    assert arguments(backend="redis://b", idle=None, frontends=frontends) == {
        "backend": "redis://b",
        "idle": None,
        "frontends": frontends,
        "prefix": "p:",
    }
    manager = SessionManager.from_environment(backend=MemoryBackend())
    assert isinstance(manager.backend, MemoryBackend)


def test_a_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    folder.joinpath(".env").write_text(
        'REDIS_SESSION_PREFIX="file:"\nREDIS_SESSION_IDLE=60\nOTHER=1\n'
    )
    variables(monkeypatch, PREFIX="process:")
    assert arguments() == {"prefix": "process:", "idle": timedelta(minutes=1)}
    backend = SessionManager.from_environment(env_file=None).backend
    assert isinstance(backend, RedisBackend)
    assert backend.ids.prefix == "process:"


def test_none_and_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, LIFETIME="none", IDLE="", MAX_SESSIONS="none", COOKIE_SAME_SITE="None")
    found = arguments()
    assert found.pop("frontends")[0].policy.same_site == "None"
    assert found == {"lifetime": None, "max_sessions": None}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LIFETIME", "1h", "write seconds, such as 3600, or a duration, such as PT6H or P30D"),
        ("LIFETIME", "-5", "write seconds"),
        ("IDLE", "-PT5S", "a time of at least 0 seconds"),
        ("LIFETIME", "9" * 400, "write seconds"),
        ("LIFETIME", "0", "a time of at least 1 seconds"),
        ("MAX_SESSIONS", "0", "greater than or equal to 1"),
        ("MAX_SESSIONS", "many", "valid integer"),
        ("INSECURE", "perhaps", "valid boolean"),
        ("COOKIE_SAME_SITE", "lax", "'Lax', 'Strict' or 'None'"),
        ("COOKIE_NAME", "a b", "no name for a cookie"),
        ("IMPORTED", "a b", "no name for a cookie"),
        ("COOKIE_DOMAIN", "com", "no domain for a cookie"),
    ],
)
def test_an_error_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    variables(monkeypatch, **{name: value}, URL="redis://user:secret@a")
    with pytest.raises(ValueError, match=rf"^REDIS_SESSION_{name}: .*{told}") as error:
        SessionManager.from_environment()
    assert "secret" not in str(error.value)
    assert str(error.value).isascii()


def test_all_errors_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    variables(monkeypatch, IDLE="soon", REGISTER="maybe")
    with pytest.raises(ValueError, match=r"REDIS_SESSION_IDLE: .*; REDIS_SESSION_REGISTER: "):
        SessionManager.from_environment()


def test_an_unknown_variable_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    variables(monkeypatch, LIFTIME="5", ZZZ="1", ROTATE_ON="role")
    folder.joinpath(".env").write_text("REDIS_SESSION_PREFX=shop:\n")
    with caplog.at_level(logging.WARNING, "redis_session_client"):
        arguments()
    no = "is no setting of redis_session_client"
    assert [record.getMessage() for record in caplog.records] == [
        f"REDIS_SESSION_LIFTIME {no}; is it REDIS_SESSION_LIFETIME?",
        f"REDIS_SESSION_PREFX {no}; is it REDIS_SESSION_PREFIX?",
        f"REDIS_SESSION_ZZZ {no}",
    ]


def test_the_page_lists_all_variables_with_their_arguments() -> None:
    rows = re.findall(r"^\| `(REDIS_SESSION_\w+)` \| `(?:CookiePolicy\()?(\w+)", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} == known_variables()
    taken = {
        *inspect.signature(SessionManager).parameters,
        *inspect.signature(SessionMiddleware).parameters,
        *inspect.signature(CookiePolicy).parameters,
    }
    assert {argument for _, argument in rows} <= taken


def test_the_programs_of_the_page(
    monkeypatch: pytest.MonkeyPatch, server: Process, prefix: str
) -> None:
    variables(monkeypatch, URL=server.url, PREFIX=prefix, INSECURE="true")
    for source in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        space: dict[str, Any] = {}
        exec(compile(source, "settings", "exec", dont_inherit=True), space)  # noqa: S102
        with served(space["app"]) as url, client(url) as browser:
            assert browser.get("/").status_code == 404


def test_mypy_accepts_the_programs_of_the_page(tmp_path: Path) -> None:
    programs = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    files = [tmp_path / f"program{number}.py" for number, _ in enumerate(programs)]
    for file, source in zip(files, programs, strict=True):
        file.write_text(source)
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "c"), *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout
