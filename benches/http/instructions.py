"""Counts the instructions of one request: a whole application process under valgrind.

    target/bench-venv/bin/python benches/http/instructions.py [--requests N] [APPLICATION...]

Unlike a time, a count hardly depends on how busy the machine is. An application is a module of
this folder, or node/ and the name of one of the folder `node`. A Python application runs under
uvicorn with one worker, httptools, and asyncio's own event loop; a Node application with the
compilers and the garbage collector of V8 on its one thread, so that their work counts too. One
connection sends requests, one after the other. The program asks callgrind for a count before and
after the requests, so start-up is not in the figures.

REDIS_SERVER           the server to start; default redis-server, or else valkey-server
REDIS_SESSION_MODULE   the module; default target/release/libredis_session.so
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
APPLICATIONS = [
    "client",
    "middleware",
    "usual",
    "node/client",
    "node/connect_redis",
    "node/client_ioredis",
    "node/connect_redis_ioredis",
    "node/memory",
]
ROUTES = {
    "read": ("GET", ["/read"]),
    "change": ("POST", ["/theme/light", "/theme/dark"]),
    "login": ("POST", ["/login/u_48213907"]),
}
"""The method, and the paths that are asked in turn: a change of nothing would cost less."""
NODE_ROUTES = {**ROUTES, "change": ("POST", ["/visit"])}
WARM_UP, NODE_WARM_UP = 30, 3000
"""Requests before those that count. V8 compiles what runs often."""
PATIENCE = 1800.0
"""Seconds to wait for a process. valgrind makes a program about fifty times slower."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(what: str, command: list[str], port: int, **options: str) -> Iterator[int]:
    """Runs a process until it listens on the port; gives its process ID, and ends it."""
    with tempfile.TemporaryFile() as log:
        environment = {**os.environ, **options}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
        try:
            until = time.monotonic() + PATIENCE
            while not listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    sys.stderr.write(log.read().decode(errors="replace"))
                    raise SystemExit(f"{what} did not start")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.kill()
            process.wait()


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a server of its own, with the module."""
    binary = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or "valkey-server"
    module = os.environ.get("REDIS_SESSION_MODULE") or ROOT / "target/release/libredis_session.so"
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    # Nothing is saved, so any folder will do.
    command += ["--dir", tempfile.gettempdir()]
    command += ["--loadmodule", str(module)]
    with running("the server", command, port):
        yield f"redis://127.0.0.1:{port}/0"


class Browser:
    """One connection to an application, with the cookie of the last login."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._cookie = ""

    def ask(self, method: str, path: str) -> None:
        # A login is that of a visitor without a session, as in `make bench`.
        headers = {} if path.startswith("/login") else {"Cookie": self._cookie}
        self._connection.request(method, path, headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"{method} {path}: {response.status} {body!r}")
        if given := response.getheader("set-cookie"):
            self._cookie = given.partition(";")[0]


def dump(pid: int, folder: Path) -> int:
    """Makes callgrind write its counts and begin anew; returns the instructions since the last."""
    before = set(folder.iterdir())
    control = ["callgrind_control", "--dump=x", str(pid)]
    subprocess.run(control, check=True, capture_output=True, timeout=PATIENCE)  # noqa: S603
    for path in sorted(set(folder.iterdir()) - before):
        if found := re.search(r"^(?:summary|totals): (\d+)", path.read_text(), re.MULTILINE):
            return int(found[1])
    raise SystemExit("callgrind_control wrote no counts; may this user trace processes (ptrace)?")


def program(application: str, port: int) -> list[str]:
    """The command that serves an application on a port."""
    if application.startswith("node/"):
        script = ROOT / "target/bench-node" / f"{application.removeprefix('node/')}.js"
        return ["node", "--single-threaded", "--hash-seed=1", "--random-seed=1", str(script)]
    uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "--port", str(port)]
    uvicorn += ["--loop", "asyncio", "--http", "httptools", "--no-access-log"]
    return [*uvicorn, f"{application}:app"]


def count(application: str, url: str, requests: int) -> dict[str, int]:
    """Instructions for one request of each route."""
    port = free_port()
    node = application.startswith("node/")
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        # V8 writes new code over old.
        valgrind += ["--smc-check=all-non-file"] if node else []
        options = {"REDIS_URL": url, "PYTHONHASHSEED": "0", "PORT": str(port)}
        options["NODE_ENV"] = "production"
        command = [*valgrind, *program(application, port)]
        with running(application, command, port, **options) as pid:
            browser = Browser(port)
            browser.ask("POST", "/login/u_48213907")
            counts = {}
            for route, (method, paths) in (NODE_ROUTES if node else ROUTES).items():
                for number in range(NODE_WARM_UP if node else WARM_UP):
                    browser.ask(method, paths[number % len(paths)])
                dump(pid, Path(folder))
                for number in range(requests):
                    browser.ask(method, paths[number % len(paths)])
                counts[route] = dump(pid, Path(folder)) // requests
            return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("applications", nargs="*", default=APPLICATIONS)
    parser.add_argument("--requests", type=int, default=200, help="counted requests of each route")
    chosen = parser.parse_args()
    for program in ("valgrind", "callgrind_control"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing. Debian: sudo apt-get install valgrind")
    print("thousands of instructions a request\n")
    print(f"| application | {' | '.join(ROUTES)} |\n|---|{'---|' * len(ROUTES)}", flush=True)
    with redis_server() as url:
        for application in chosen.applications:
            counts = count(application, url, chosen.requests)
            figures = " | ".join(f"{counts[route] / 1000:,.0f}" for route in ROUTES)
            print(f"| {application} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
