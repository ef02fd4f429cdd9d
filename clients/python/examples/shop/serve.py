"""Runs the shop on a free port of this machine, with a server of its own. Ctrl-C ends both.

    python serve.py [--port 8000]

REDIS_SESSION_MODULE is the path of the module (default target/release/libredis_session.so), and
REDIS_SERVER the server that loads it (default redis-server, or else valkey-server).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
import uvicorn
from storefront import create_app

from redis_session_client.fastapi import SessionManager

REPOSITORY = Path(__file__).resolve().parents[4]


def listener(port: int) -> socket.socket:
    """A listening socket on this port, or on another if it is taken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


@contextmanager
def server() -> Iterator[int]:
    """Runs a server with the module that saves nothing, and gives its port."""
    module = Path(
        os.environ.get("REDIS_SESSION_MODULE")
        or REPOSITORY / "target" / "release" / "libredis_session.so"
    )
    if not module.is_file():
        sys.exit(f"there is no module at {module}: build it, or say where it is")
    binary = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or "valkey-server"
    with tempfile.TemporaryDirectory(prefix="redis-session-shop-") as directory:
        options = ["--bind", "127.0.0.1", "--save", "", "--dir", directory]
        command = [binary, *options, "--loadmodule", str(module.resolve())]
        process, port = started(command, directory)
        try:
            yield port
        finally:
            process.terminate()
            process.wait()


def started(command: list[str], directory: str) -> tuple[subprocess.Popen[bytes], int]:
    """Starts the server on a free port, and tries another if a third program takes that first."""
    log = Path(directory, "log")
    while True:
        with listener(0) as probe:
            port = int(probe.getsockname()[1])
        with log.open("wb") as output:
            # A session of its own keeps Ctrl-C from the server, so that the shop ends first.
            process = subprocess.Popen(  # noqa: S603
                [*command, "--port", str(port)], stdout=output, start_new_session=True
            )
        while process.poll() is None:
            if _answers(port, directory):
                return process, port
            time.sleep(0.05)
        if "Address already in use" not in log.read_text():
            sys.exit(f"{command[0]} does not start:\n{log.read_text()}")


def _answers(port: int, directory: str) -> bool:
    """Whether our server answers there. Another one would have another directory."""
    try:
        with redis.Redis(port=port, decode_responses=True) as client:
            return bool(os.path.samefile(client.config_get("dir")["dir"], directory))
    except (redis.RedisError, OSError):
        return False


TRY = """
The shop is open at  http://localhost:{port}

  Put something into the cart, then log in as ada (password: lovelace): the cart comes along,
  and the cookie is a new one.
  Log out in one tab: the other one is out within a second.
  Log in with a second browser, and end one of the two under "Your devices".
  "Back office" refuses ada, and lets grace (password: hopper) in.
  Watch the commands:  redis-cli -p {server} MONITOR

Ctrl-C ends the shop and its server.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="A shop with sessions of redis-session.")
    parser.add_argument("--port", type=int, default=8000, help="taken if it is free")
    shop = listener(parser.parse_args().port)
    with server() as server_port:
        # Only Chromium keeps a Secure cookie from a page that comes over http.
        sessions = SessionManager(
            f"redis://127.0.0.1:{server_port}/0", prefix="shop:", idle=1800, insecure=True
        )
        app = create_app(sessions, hints={"port": server_port})
        config = uvicorn.Config(
            app,
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,  # open pages must not delay Ctrl-C
        )
        print(TRY.format(port=shop.getsockname()[1], server=server_port), flush=True)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[shop])


if __name__ == "__main__":
    main()
