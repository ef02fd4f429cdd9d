"""The programs of the README and of the pages run exactly as printed; all links lead somewhere."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from support import shop
from support.programs import programs, running
from support.servers import PATIENT, Group, Process
from support.web import client, served

from redis_session_client import Sessions
from redis_session_client.fastapi import SessionManager
from redis_session_client.web import RedisBackend

FOLDER = Path(__file__).parent.parent
README = (FOLDER / "README.md").read_text()
COMMANDS = (FOLDER / "docs" / "commands.md").read_text()
DEPLOYING = (FOLDER / "docs" / "deploying.md").read_text()
PAGES = {path.name: path for path in [FOLDER / "README.md", *(FOLDER / "docs").glob("*.md")]}


def test_it_begins_with_a_program_of_fewer_than_thirty_lines_that_runs(
    server: Process, tmp_path: Path, raw: redis.Redis
) -> None:
    program = programs(README)[0]
    assert README.index(program) < 400
    assert len(program.splitlines()) < 30
    url = "redis://localhost:6379/0"
    assert url in program
    (tmp_path / "app.py").write_text(program.replace(url, server.url))
    with running(tmp_path) as address, client(address) as browser:
        assert browser.get("/me").status_code == 401
        assert browser.post("/login/ada").status_code == 200
        assert browser.get("/me").json() == {"name": "ada"}
        assert browser.post("/logout").status_code == 200
        assert browser.get("/me").status_code == 401
        assert browser.get("/docs").status_code == 200


def test_its_program_of_commands_prints_what_it_says(server: Process) -> None:
    program, _ = programs(COMMANDS)
    program = program.replace("port=6379", f"port={server.port}").replace('"user"', '"readme user"')
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "readme user Violation(pointer='/name', rule='minLength 1')",
        "{'cart': [7], 'name': 'ada'}",
        "ada [True]",
        "ended, and stays so",
    ]


def test_its_program_of_further_commands_prints_what_it_says(server: Process, prefix: str) -> None:
    _, program = programs(COMMANDS)
    told = [
        line.split("  # ")[1] for line in program.splitlines() if "print(" in line and "#" in line
    ]
    assert len(told) == 9
    for name in ('"own:', '"grace"', '"profile 2"'):
        assert name in program
        program = program.replace(name, f'"{prefix}{name[1:]}')
    program = program.replace("port=6379", f"port={server.port}")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.replace(prefix, "").splitlines()
    assert printed == [
        *told[:2],
        "end it, and make a new session",
        *told[2:],
        "own:2 {'version': 3} {'/email': 'grace@example.org'}",
        "own:4 {'version': 1} {}",
    ]
    with server.client() as own:
        assert Sessions(own).list(f"{prefix}grace") == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_program_is_python(name: str) -> None:
    for program in programs(PAGES[name].read_text()):
        # The programs under "Before" have gaps, written as an ellipsis.
        compile(program.replace("…", "..."), name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_link_leads_somewhere(name: str) -> None:
    path = PAGES[name]
    text = path.read_text()
    for target, chapter in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text):
        linked = path.parent / target if target else path
        assert linked.exists(), target
        if chapter:
            titles = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert chapter in {anchor(title) for title in titles}, f"{target}#{chapter}"


def anchor(title: str) -> str:
    """The fragment that leads to a heading, as hosts of repositories make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_two_users_of_the_server_may_do_what_they_have_to(tmp_path: Path) -> None:
    web, deploy = re.findall(r"^ACL SETUSER \w+ .*$", DEPLOYING, re.MULTILINE)
    with Group() as group:
        own = group.start()
        with own.client() as admin:
            for line in (web, deploy):
                admin.execute_command(*line.replace(">…", ">pw").split(" "))
        urls = {n: own.url_for(f"{n}:pw@") for n in ("web", "deploy")}
        program = tmp_path / "app.py"
        program.write_text(
            "from support import shop\n"
            "from redis_session_client.fastapi import SessionManager\n"
            f"sessions = SessionManager({urls['web']!r}, insecure=True)\n"
            "app = shop.make(sessions)\n"
        )
        command = [sys.executable, "-m", "redis_session_client", "schemas", "push", "app"]
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


async def use_devices(server: Process, prefix: str, raw: Any, missing: str) -> list[int]:
    """What a user of the README's line sees and ends, without one of its rights."""
    line = re.findall(r"^ACL SETUSER web .*$", DEPLOYING, re.MULTILINE)[0]
    name = f"web-{prefix}"
    words = line.replace(">…", ">pw").replace("~session:", f"~{prefix}").split(" ")
    raw.execute_command(*words[:2], name, *[word for word in words[3:] if word != missing])
    client = redis.asyncio.Redis(port=server.port, username=name, password="pw", **PATIENT)
    backend = RedisBackend(client, prefix=prefix)
    try:
        tickets = [await backend.create({}, user="ada") for _ in range(3)]
        await backend.create({}, user="ada", max_sessions=3)
        limited = [await backend.verify(ticket) for ticket in tickets].count(None)
        listed = await backend.devices("ada")
        async with server.async_client() as all_rights:
            handle = (await RedisBackend(all_rights, prefix=prefix).devices("ada"))[-1].handle
        ended = await backend.end_device("ada", handle)
        return [len(listed), limited, ended, await backend.end_all("ada")]
    finally:
        await client.aclose()
        raw.execute_command("ACL", "DELUSER", name)


async def test_a_web_application_needs_rights_to_see_and_to_end_devices(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    # Listed, ended by the limit, by the handle, and by the logout everywhere.
    assert await use_devices(server, f"{prefix}all:", raw, "") == [3, 1, True, 2]
    assert await use_devices(server, f"{prefix}info:", raw, "+session.info") == [0, 1, False, 3]
    assert await use_devices(server, f"{prefix}del:", raw, "+session.del") == [4, 0, False, 0]
