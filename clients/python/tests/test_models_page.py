"""The programs of docs/models.md run as printed."""

from __future__ import annotations

from pathlib import Path

from support.programs import programs, running
from support.servers import Process
from support.web import client

PAGE = (Path(__file__).parents[1] / "docs" / "models.md").read_text()


def written(folder: Path, server: Process, number: int) -> Path:
    """The folder, with a program of the page as app.py, for this test's server."""
    program = programs(PAGE)[number]
    (folder / "app.py").write_text(program.replace("redis://localhost:6379/0", server.url))
    return folder


def test_the_first_program(server: Process, tmp_path: Path) -> None:
    with running(written(tmp_path, server, 0)) as url, client(url) as browser:
        assert browser.get("/me").status_code == 401
        browser.post("/login/ada")
        browser.post("/cart/7")
        assert browser.post("/rename/Ada").json() is True
        me = browser.get("/me").json()
        assert (me["name"], me["cart"], me["api_key"]) == ("Ada", [7], "**********")
        assert browser.post(f"/rename/{'x' * 51}").status_code in (422, 500)


def test_the_program_of_a_principal(server: Process, tmp_path: Path) -> None:
    with running(written(tmp_path, server, 1)) as url, client(url) as browser:
        assert browser.get("/user").json() is None
        tokens = []
        for user in ("42", "43"):
            assert browser.post(f"/login/{user}").status_code == 200
            assert browser.get("/user").json() == user
            tokens.append(browser.cookies["session"])
        assert tokens[0] != tokens[1]
