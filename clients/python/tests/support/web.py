"""An application on a real port, served by uvicorn in a thread, and clients for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import uvicorn
from websockets.exceptions import InvalidState
from websockets.sync.client import ClientConnection, connect

from .servers import LIMIT, eventually


@contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Runs the application, and gives its URL. The options are uvicorn's."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="on",
        ws="websockets-sansio",
        # A delayed pong must not close a WebSocket.
        ws_ping_interval=None,
        # If a browser disconnects during a WebSocket's handshake over TLS, uvicorn can wait for
        # that connection forever.
        timeout_graceful_shutdown=5,
        **options,
    )
    server = uvicorn.Server(config)
    # Bound here, so that nobody can take the port before uvicorn does.
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        # uvicorn raises SystemExit when the application's start-up fails.
        with suppress(SystemExit):
            try:
                server.run(sockets=[listener])
            except InvalidState:
                # At its end uvicorn closes WebSockets that the browser is closing already.
                if not server.should_exit:
                    raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        eventually("an application that serves", lambda: server.started or not thread.is_alive())
        if not server.started:
            raise RuntimeError("the application did not start; see what uvicorn has logged")
        port = listener.getsockname()[1]
        yield f"{'https' if config.is_ssl else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def client(url: str, **options: Any) -> httpx.Client:
    """A browser: it keeps cookies between requests.

    Each request has its own connection. uvicorn closes a connection just after the answer where the
    application raised an exception, so a request that reuses the connection can be reset.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=url, timeout=LIMIT, limits=limits, **options)


def async_client(url: str, **options: Any) -> httpx.AsyncClient:
    """The asynchronous form of `client`, for any number of requests at the same time."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=url, timeout=LIMIT, limits=limits, **options)


def get(url: str, **options: Any) -> httpx.Response:
    """One request without cookies of earlier ones."""
    return httpx.get(url, timeout=LIMIT, **options)


def post(url: str, **options: Any) -> httpx.Response:
    return httpx.post(url, timeout=LIMIT, **options)


def socket_to(
    url: str, path: str, headers: dict[str, str], origin: str | None = ""
) -> ClientConnection:
    """Opens a WebSocket of the application. By default its Origin is the application's own."""
    wanted: Any = url if origin == "" else origin
    return connect(
        url.replace("http", "ws", 1) + path,
        additional_headers=headers,
        origin=wanted,
        proxy=None,
        open_timeout=LIMIT,
        close_timeout=LIMIT,
        ping_interval=None,
    )
