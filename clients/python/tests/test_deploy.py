"""Registering schemas: the command of deploy.py, and the start-up of an application."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import uuid
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import redis
from support.servers import Group, Process
from support.web import served

from redis_session_client import Sessions
from redis_session_client.deploy import main
from redis_session_client.fastapi import SessionManager

PROGRAM = """
from typing import Literal
from fastapi import FastAPI
from pydantic import BaseModel
from redis_session_client.fastapi import SessionManager

class Profile(BaseModel):
    name: str
    mark: Literal["{mark}"] = "{mark}"

class Admin(BaseModel):
    role: Literal["admin"]

app = FastAPI()
sessions = SessionManager("{url}", register={register}, insecure=True)
sessions.install(app)
guard = sessions.required(Profile, Admin{named})
"""


@pytest.fixture
def directory(tmp_path: Path, server: Process) -> Path:
    write(tmp_path, server.url)
    return tmp_path


def write(directory: Path, url: str, register: bool = True, named: str = "") -> None:
    mark = uuid.uuid4().hex
    text = PROGRAM.format(url=url, register=register, named=named, mark=mark)
    (directory / "shopapp.py").write_text(text)


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def deploy(directory: Path, *words: str) -> Done:
    """Runs the command in this process, which spares the imports of a new one."""
    before = Path.cwd(), list(sys.path), dict(sys.modules)
    importlib.invalidate_caches()
    os.chdir(directory)
    try:
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            code = main(["schemas", *words])
    finally:
        os.chdir(before[0])
        sys.path[:] = before[1]
        for name in sys.modules.keys() - before[2].keys():
            del sys.modules[name]
    return Done(code, out.getvalue(), err.getvalue())


def deploy_as_program(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as its users do."""
    command = [sys.executable, "-m", "redis_session_client", "schemas", *words]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True)


def manager_of(directory: Path) -> SessionManager:
    found = loaded(directory).sessions
    assert isinstance(found, SessionManager)
    return found


def loaded(directory: Path) -> Any:
    spec = importlib.util.spec_from_file_location("shopapp", directory / "shopapp.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_check_and_push(directory: Path, raw: redis.Redis) -> None:
    names = manager_of(directory).schemas
    profile = next(name for name in names if name.startswith("Profile@"))
    looked = deploy_as_program(directory, "check", "shopapp")
    assert looked.returncode == 1
    assert f"{profile}: missing" in looked.stdout
    assert Sessions(raw).schema_get(profile) is None

    pushed = deploy_as_program(directory, "push", "shopapp")
    assert pushed.returncode == 0, pushed.stderr
    assert f"{profile}: registered" in pushed.stdout
    assert Sessions(raw).schema_get(profile) == names[profile]
    entry = next(e for e in Sessions(raw).schema_list() if e.name == profile)
    assert entry.assert_format is True

    again = deploy(directory, "push", "shopapp")
    assert again.returncode == 0
    assert f"{profile}: there already" in again.stdout
    assert deploy(directory, "check", "shopapp").returncode == 0


def test_push_replaces_nothing(directory: Path, raw: redis.Redis) -> None:
    name = next(n for n in manager_of(directory).schemas if n.startswith("Profile@"))
    Sessions(raw).schema_set(name, True)
    done = deploy(directory, "push", "shopapp")
    assert done.returncode == 1
    assert "Conflict" in done.stderr
    assert Sessions(raw).schema_get(name) == "true"


def test_push_as_another_user_of_the_server(tmp_path: Path) -> None:
    with Group() as group:
        own = group.start()
        with own.client() as client:
            client.execute_command(
                "ACL", "SETUSER", "deploy", "on", ">pw", "-@all", "+session.schema", "+ping"
            )
            client.execute_command("ACL", "SETUSER", "web", "on", ">pw", "-@all", "~*", "+ping")
        write(tmp_path, own.url_for("web:pw@"))
        refused = deploy(tmp_path, "push", "shopapp")
        assert refused.returncode == 1
        assert "NoPermissionError" in refused.stderr
        url = own.url_for("deploy:pw@")
        assert deploy(tmp_path, "push", "shopapp", "--url", url).returncode == 0
        assert deploy(tmp_path, "check", "shopapp", "--url", url).returncode == 0


def test_push_to_a_cluster_reaches_all_primaries(directory: Path, cluster: list[Process]) -> None:
    url = cluster[1].url
    done = deploy_as_program(directory, "push", "shopapp", "--url", url, "--cluster")
    assert done.returncode == 0, done.stderr
    names = set(manager_of(directory).schemas)
    for node in cluster:
        with node.client() as client:
            assert names <= {entry.name for entry in Sessions(client).schema_list()}


def test_a_module_without_a_manager_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    done = deploy(tmp_path, "check", "empty")
    assert done.returncode == 2
    assert "empty has no SessionManager" in done.stderr


def test_a_module_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    for name in ("nowhere", "nowhere.app", "nowhere:app"):
        done = deploy(tmp_path, "check", name)
        assert done.returncode == 2
        assert done.stderr == "there is no module nowhere here\n"


def test_a_server_that_is_not_there_is_said_to_be_so(directory: Path) -> None:
    done = deploy(directory, "check", "shopapp", "--url", "redis://127.0.0.1:1/0")
    assert done.returncode == 1
    assert "ConnectionError" in done.stderr
    assert "Traceback" not in done.stderr


# Start-up.


async def test_start_up_registers_what_is_missing(directory: Path, raw: redis.Redis) -> None:
    manager = manager_of(directory)
    assert len(await manager.missing_schemas()) >= 1
    await manager.start()
    assert await manager.missing_schemas() == []
    await manager.start()
    await manager.backend.close()


async def test_start_up_only_looks_where_it_is_told_to(tmp_path: Path, server: Process) -> None:
    write(tmp_path, server.url, register=False)
    manager = manager_of(tmp_path)
    with pytest.raises(RuntimeError, match="schemas push"):
        await manager.start()
    await manager.backend.close()


async def test_start_up_fails_for_a_named_schema_that_is_missing(
    tmp_path: Path, server: Process
) -> None:
    write(tmp_path, server.url, named=', "no-such-schema"')
    manager = manager_of(tmp_path)
    with pytest.raises(RuntimeError, match="lacks the schemas no-such-schema"):
        await manager.start()
    await manager.backend.close()


async def test_start_up_goes_on_where_it_may_not_look(
    tmp_path: Path, server: Process, raw: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    user = uuid.uuid4().hex
    raw.execute_command("ACL", "SETUSER", user, "on", ">pw", "~*", "+session.verify", "+ping")
    write(tmp_path, server.url_for(f"{user}:pw@"))
    manager = manager_of(tmp_path)
    await manager.start()
    assert "may not look for schemas" in caplog.text
    await manager.backend.close()
    raw.execute_command("ACL", "DELUSER", user)


def test_an_application_does_not_start_without_its_schemas(tmp_path: Path, server: Process) -> None:
    write(tmp_path, server.url, register=False)
    app = loaded(tmp_path).app
    with pytest.raises(RuntimeError, match="did not start"), served(app):
        pass
