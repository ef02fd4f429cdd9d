"""Moves sessions with the program `sessionctl import`, and the browsers whose cookies must go on.

A test drives the old application with a Visitor, runs the program, and turns the same Visitor to
the new application.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import redis

from redis_session_client import Info

from .servers import LIMIT, REPOSITORY, Process
from .web import client

SLACK = 60_000
"""Milliseconds by which two servers' views of one moment may differ on a busy machine."""


def program() -> str:
    """The path of sessionctl, from SESSIONCTL or of the debug build."""
    path = os.environ.get("SESSIONCTL")
    found = Path(path) if path else REPOSITORY / "target" / "debug" / "sessionctl"
    if not found.is_file():
        raise RuntimeError(
            f"there is no sessionctl at {found}: build it (cargo build -p sessionctl), or say in "
            "SESSIONCTL where it is"
        )
    return str(found.resolve())


def address(server: Process) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


@dataclass
class Move:
    """One move: from where, to where, and the options of `sessionctl import`."""

    kind: str
    source: Process
    target: Process
    prefix: str
    folder: Path
    """Where the program keeps its journal."""

    def run(self, *options: str, some_left: bool = False) -> str:
        """Runs the program, and gives what it prints. AssertionError unless all went well.

        With `some_left` it has to tell that it left some sessions where they are.
        """
        command = [program(), "import", "--from", self.kind, "--source", address(self.source)]
        command += ["--url", address(self.target), "--prefix", self.prefix, *options]
        environment = {**os.environ, "XDG_STATE_HOME": str(self.folder)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        assert done.returncode == int(some_left), (
            f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done.stdout


class Visitor:
    """A browser that keeps its cookies when the application behind the address changes.

    It also sends Secure cookies, so that applications can have them without TLS.
    """

    def __init__(self, url: str, cookies: dict[str, str] | None = None) -> None:
        self._url = url
        self.cookies = dict(cookies or {})

    def turn_to(self, url: str) -> None:
        self._url = url

    def copy(self, url: str | None = None) -> Visitor:
        """Another browser with the same cookies, as a thief or a backup may have them."""
        return Visitor(url or self._url, self.cookies)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        options["headers"] = {
            **options.get("headers", {}),
            **({"Cookie": header} if header else {}),
        }
        with client(self._url) as browser:
            response = browser.request(method, path, **options)
        for line in response.headers.get_list("set-cookie"):
            for name, cookie in SimpleCookie(line).items():
                if cookie.value and cookie["max-age"] != "0":
                    self.cookies[name] = cookie.value
                else:
                    self.cookies.pop(name, None)
        return response

    def get(self, path: str) -> Any:
        response = self.send("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str) -> httpx.Response:
        response = self.send("POST", path)
        assert response.status_code < 400, response.text
        return response


def contents(raw: redis.Redis, match: str = "*") -> dict[bytes, bytes]:
    """All keys with what they hold, of whatever type."""
    return {key: raw.dump(key) or b"" for key in raw.scan_iter(match=match, count=1000)}


def ends_of_keys(raw: redis.Redis, match: str = "*") -> list[int]:
    """When the keys end, in Unix milliseconds of their server."""
    return sorted(int(raw.pexpiretime(key)) for key in raw.scan_iter(match=match))


def end_of(info: Info) -> int:
    """When the session ends if nobody uses it, in Unix milliseconds of its server."""
    ends = [info.deadline] if info.deadline is not None else []
    ends += [info.accessed + info.idle] if info.idle else []
    return min(ends)


def same_end(old: int, info: Info) -> bool:
    return abs(old - end_of(info)) < SLACK
