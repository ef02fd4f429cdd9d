"""The programs of the package's README run exactly as printed."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import redis
from support import shop
from support.servers import Group, Process
from support.web import client, served

from redis_session.fastapi import SessionManager

FOLDER = Path(__file__).parent.parent
README = (FOLDER / "README.md").read_text()
MIGRATION = (FOLDER / "docs" / "migration.md").read_text()


def programs(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_it_begins_with_a_program_of_fewer_than_thirty_lines_that_runs(
    server: Process, tmp_path: Path, raw: redis.Redis
) -> None:
    program = programs(README)[0]
    assert README.index(program) < 400
    assert len(program.splitlines()) < 30
    url = "redis://localhost:6379/0"
    assert url in program
    (tmp_path / "app.py").write_text(program.replace(url, server.url))
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            with client(told_address(process)) as browser:
                assert browser.get("/me").status_code == 401
                assert browser.post("/login/ada").status_code == 200
                assert browser.get("/me").json() == {"name": "ada"}
                assert browser.post("/logout").status_code == 200
                assert browser.get("/me").status_code == 401
                assert browser.get("/docs").status_code == 200
        finally:
            process.terminate()


def told_address(process: subprocess.Popen[str]) -> str:
    """The address that uvicorn logs when it serves; it has chosen the port itself."""
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        if found := re.search(r"running on (http://\S+)", line):
            return found[1]
        log.append(line)
    raise AssertionError(f"uvicorn ended: {''.join(log)}")


def test_its_program_of_commands_prints_what_it_says(server: Process) -> None:
    program = next(p for p in programs(README) if p.startswith("import redis\n"))
    program = program.replace("port=6379", f"port={server.port}").replace('"user"', '"readme user"')
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "readme user Violation(pointer='/name', rule='minLength 1')",
        "{'cart': [7], 'name': 'ada'}",
        "ada [True]",
        "ended, and stays so",
    ]


@pytest.mark.parametrize("text", [README, MIGRATION], ids=["README", "migration"])
def test_every_program_is_python(text: str) -> None:
    found = programs(text)
    assert len(found) > 3
    for program in found:
        # The programs under "Before" have gaps, written as an ellipsis.
        compile(program.replace("…", "..."), "document", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("name", ["README.md", "docs/migration.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    path = FOLDER / name
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_two_users_of_the_server_may_do_what_they_have_to(tmp_path: Path) -> None:
    web, deploy = re.findall(r"^ACL SETUSER \w+ .*$", README, re.MULTILINE)
    with Group() as group:
        own = group.start()
        with own.client() as admin:
            for line in (web, deploy):
                admin.execute_command(*line.replace(">…", ">pw").split(" "))
        urls = {n: own.url_for(f"{n}:pw@") for n in ("web", "deploy")}
        program = tmp_path / "app.py"
        program.write_text(
            "from support import shop\n"
            "from redis_session.fastapi import SessionManager\n"
            f"sessions = SessionManager({urls['web']!r}, insecure=True)\n"
            "app = shop.make(sessions)\n"
        )
        command = [sys.executable, "-m", "redis_session", "schemas", "push", "app"]
        environment = {**os.environ, "PYTHONPATH": str(FOLDER / "tests")}
        run = partial(subprocess.run, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        assert run(command, stdout=subprocess.DEVNULL).returncode == 1
        assert run([*command, "--url", urls["deploy"]], stdout=subprocess.DEVNULL).returncode == 0

        app = shop.make(SessionManager(urls["web"], insecure=True))
        with served(app) as url, client(url) as browser:
            for method, path in (
                ("POST", "/add?item=7"),
                ("POST", "/login?user=ada&role=admin"),
                ("POST", "/rotate"),
                ("GET", "/admin"),
                ("POST", "/pop"),
                ("POST", "/replace"),
                ("GET", "/devices"),
                ("POST", "/devices/end?handle=none"),
                ("POST", "/devices/end-others"),
                ("POST", "/logout"),
            ):
                assert browser.request(method, path).status_code == 200, path
