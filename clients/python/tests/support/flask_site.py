"""The application of flask_routes.py on a port, over werkzeug's server with threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import flask_routes
import redis
from flask import Flask
from werkzeug.serving import make_server

from .servers import Process
from .starlette_site import Site


@contextmanager
def served_flask(app: Any, **options: Any) -> Iterator[str]:
    """Runs a WSGI application, and gives its URL. The options are those of make_server."""
    server = make_server("127.0.0.1", 0, app, threaded=True, **options)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if 'ssl_context' in options else 'http'}://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FlaskSite(Site):
    """A running application, and what a test can see of it and of its server."""

    app: Flask


class FlaskMaker:
    """Starts applications with the given settings, and stops them all."""

    def __init__(self, server: Process, prefix: str, raw: redis.Redis) -> None:
        self._server = server
        self._prefix = prefix
        self._raw = raw
        self._stack = ExitStack()

    def __call__(self, *, config: dict[str, Any] | None = None, **options: Any) -> FlaskSite:
        app = self.app(config=config, **options)
        site = FlaskSite(self._stack.enter_context(served_flask(app)), self._prefix, self._raw)
        site.app = app
        return site

    def app(self, *, config: dict[str, Any] | None = None, **options: Any) -> Flask:
        """The application, not served."""
        options = {"url": self._server.url, "prefix": self._prefix, "insecure": True, **options}
        return flask_routes.make(options.pop("url"), config=config, **options)

    def __enter__(self) -> FlaskMaker:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
