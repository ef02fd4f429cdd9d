"""An application on a real port, served by uvicorn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from websockets.exceptions import InvalidState

from .servers import eventually, free_port


@contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Runs the application, and gives its URL. The options are uvicorn's."""
    port = free_port()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        lifespan="on",
        ws="websockets-sansio",
        # A browser that goes in the midst of a WebSocket's handshake over TLS can leave uvicorn
        # waiting for that connection for good.
        timeout_graceful_shutdown=5,
        **options,
    )
    server = uvicorn.Server(config)

    def run() -> None:
        # How uvicorn ends when the application's start-up fails.
        with suppress(SystemExit):
            try:
                server.run()
            except InvalidState:
                # Uvicorn, as it ends, closes WebSockets that the browser is closing already.
                if not server.should_exit:
                    raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    eventually("an application that serves", lambda: server.started or not thread.is_alive())
    if not server.started:
        raise RuntimeError("the application did not start; see what uvicorn has logged")
    try:
        yield f"{'https' if config.is_ssl else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
