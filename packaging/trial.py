"""What check_clients.py tries programs with: servers with the module, a browser, and parts of documents.

Only the standard library, since nothing is installed yet when these run.
"""

import os
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from socket import create_connection, create_server
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

SERVER = os.environ.get("REDIS_SERVER") or "redis-server"
LIMIT = 60.0  # seconds that a server or an application may take to answer


def run(*command: str | Path, **options: Any) -> str:
    """What the command prints. It must succeed; otherwise the error has all of it."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until(what: str, holds: Callable[[], bool], process: "subprocess.Popen[str]", log: Path) -> None:
    end = time.monotonic() + LIMIT
    while not holds():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"waited for {what}; its log:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


@contextmanager
def running(what: str, ready: Callable[[], bool], folder: Path, *command: str | Path) -> Iterator[None]:
    """Runs a program in the folder until the block ends. It begins when `ready` holds."""
    log = folder / f"{what}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
        )
        try:
            until(what, ready, process, log)
            yield
        finally:
            process.terminate()
            process.wait()


def answers(port: int, request: bytes = b"PING\r\n", start: bytes = b"+PONG") -> bool:
    """Does whatever listens at the port reply to the request with this start?"""
    try:
        with create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(start)
    except OSError:
        return False


@contextmanager
def server(module: Path, folder: Path) -> Iterator[str]:
    """A server with the module. Gives its URL."""
    port = free_port()
    command = [SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loadmodule", str(module)]
    with running("server", lambda: answers(port), folder, *command):
        yield f"redis://127.0.0.1:{port}"


class Browser:
    """Keeps cookies. `send` gives the status and the text of a response."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def send(self, method: str, path: str) -> tuple[int, str]:
        try:
            with self.opener.open(Request(self.url + path, method=method), timeout=LIMIT) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def served(self) -> bool:
        return answers(int(self.url.rpartition(":")[2]), b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.")


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {found!r}")


def first_block(text: str, language: str) -> str:
    """The first program in that language in a document."""
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if not found:
        raise AssertionError(f"the README has no program in {language}")
    return found[1]


def in_archive(archive: Path, name: str) -> str:
    """A text file of a .tar.gz, named without the folder that all files are in."""
    with tarfile.open(archive) as files:
        member = files.extractfile(f"{files.getnames()[0].partition('/')[0]}/{name}")
        assert member is not None
        return member.read().decode()


def replaced(text: str, old: str, new: str) -> str:
    if old not in text:
        raise AssertionError(f"the program has no {old!r} to replace")
    return text.replace(old, new)
