"""The program of docs/flask.md with other versions of Flask.

FLASK_PYTHONS names the interpreters of virtual environments, with `:` between, that have this
package and another Flask each. `make test` has one Flask, the newest. All tests of Flask run with
another version as `PYTHON_VENV=<environment> clients/python/check.sh test tests/test_flask*.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.servers import Process

EXAMPLE = (Path(__file__).parent.parent / "examples" / "flask_app.py").read_text()
VISIT = """
from importlib.metadata import version

client = app.test_client()
assert client.get("/").json == {"visits": 1, "messages": []}
before = client.get_cookie("session").value
assert client.post("/login", data={"name": "ada", "password": "x"}).status_code == 403
assert client.post("/login", data={"name": "ada", "password": "lovelace"}).status_code == 204
assert client.get_cookie("session").value != before
assert client.get("/").json == {"visits": 2, "name": "ada", "messages": ["Welcome"]}
with client.session_transaction() as opened:
    opened["cart"] = {"deep": [(1, 2)]}
assert client.get("/").json["cart"] == {"deep": [[1, 2]]}
with client:
    client.get("/")
    assert session["cart"] == {"deep": [(1, 2)]}
assert client.post("/logout").status_code == 204
assert client.get_cookie("session") is None
assert client.get("/").headers["Vary"] == "Cookie"
print("Flask", version("flask"))
"""


@pytest.mark.parametrize("python", os.environ.get("FLASK_PYTHONS", sys.executable).split(":"))
def test_the_example_runs_with_this_flask(server: Process, prefix: str, python: str) -> None:
    url = '"redis://localhost:6379/0"'
    program = EXAMPLE.replace(url, f'"{server.url}", prefix="{prefix}"') + VISIT
    done = subprocess.run([python, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Flask ")
