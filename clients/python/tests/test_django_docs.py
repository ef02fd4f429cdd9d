"""docs/django.md: its programs run as they are printed, and its tables say what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import django
import pytest
from support.programs import programs
from support.servers import REPOSITORY, Process, eventually, free_port
from support.web import client, get

from redis_session_client.django.settings import Settings

FOLDER = REPOSITORY / "clients" / "python"
PAGE = (FOLDER / "docs" / "django.md").read_text()
EXAMPLE = (FOLDER / "examples" / "django_app.py").read_text()


def test_the_example_runs_as_printed(server: Process, tmp_path: Path) -> None:
    assert programs(PAGE)[0] == EXAMPLE
    assert len(EXAMPLE.splitlines()) < 30
    url = "redis://localhost:6379/0"
    assert url in EXAMPLE
    program = tmp_path / "django_app.py"
    program.write_text(EXAMPLE.replace(url, server.url))
    port = free_port()
    command = [sys.executable, str(program), "runserver", "--noreload", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, process.stderr and process.stderr.read()
            try:
                return get(address).status_code == 200
            except OSError:
                return False
            except Exception as error:
                return "ConnectError" not in type(error).__name__ and bool(error)

        try:
            eventually("an example that answers", answers)
            with client(address) as browser:
                assert [browser.get("/").json()["visits"] for _ in range(3)] == [1, 2, 3]
            assert get(address).json() == {"visits": 1}
        finally:
            process.terminate()
    done = subprocess.run([*command[:2], "check", "--deploy"], capture_output=True, text=True)
    # The example runs over http, where browsers keep no cookie of the name that is advised.
    assert re.findall(r"redis_session\.\w+", done.stderr + done.stdout) == ["redis_session.W003"]
    assert done.returncode == 0, done.stderr


def test_every_program_is_python() -> None:
    found = programs(PAGE)
    assert len(found) > 4
    for program in found:
        compile(program, "django.md", "exec")


def test_every_link_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        else:
            assert (FOLDER / "docs" / target.partition("#")[0]).exists(), target


def test_every_option_is_in_the_table() -> None:
    table = PAGE[PAGE.index("| option |") :]
    named = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| ([^|]*) \|", table, re.M))))
    assert named >= set(Settings.__dataclass_fields__)


@pytest.mark.parametrize("name", ["sessions_of", "end_device", "revoke"])
def test_the_functions_of_the_page_exist(name: str) -> None:
    import redis_session_client.django as package

    assert name in package.__all__
    assert callable(getattr(package, name))
    assert django.VERSION >= (4, 2)
