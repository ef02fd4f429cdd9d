"""The shop on a free port of this machine, and a server with the module for it. Ctrl-C ends both.

    python serve.py [--port 8000]

REDIS_SESSION_MODULE says where the module is (target/release/libredis_session.so), and REDIS_SERVER
which server loads it (redis-server).
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

from redis_session.fastapi import SessionManager

REPOSITORY = Path(__file__).resolve().parents[4]


def free_port(first: int = 0) -> int:
    """`first`, if it is free; else another."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", first))
        except OSError:
            found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server() -> Iterator[int]:
    """A server with the module, which keeps nothing."""
    module = Path(
        os.environ.get("REDIS_SESSION_MODULE")
        or REPOSITORY / "target" / "release" / "libredis_session.so"
    )
    if not module.is_file():
        sys.exit(f"there is no module at {module}: build it, or say where it is")
    binary = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or "valkey-server"
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-session-shop-") as directory:
        arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory]
        log = Path(directory, "log")
        with log.open("wb") as output:
            # In a session of its own, so that Ctrl-C reaches the shop first.
            process = subprocess.Popen(  # noqa: S603
                [binary, *arguments, "--loadmodule", str(module.resolve())],
                stdout=output,
                start_new_session=True,
            )
        try:
            while not _answers(port):
                if process.poll() is not None:
                    sys.exit(f"{binary} does not start:\n{log.read_text()}")
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.ConnectionError:
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
    port = free_port(parser.parse_args().port)
    with server() as server_port:
        # Browsers other than Chromium keep no Secure cookie of a page that comes over http.
        sessions = SessionManager(
            f"redis://127.0.0.1:{server_port}/0", prefix="shop:", idle=1800, insecure=True
        )
        app = create_app(sessions, hints={"port": server_port})
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,  # pages that are open do not keep Ctrl-C waiting
        )
        print(TRY.format(port=port, server=server_port), flush=True)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
