"""The Flask application of the sessions' tests: a JSON body sets and removes members."""

import threading
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, abort, jsonify, request, session, stream_with_context
from support.servers import LIMIT

from redis_session_client.flask import RedisSessions


def make(url: Any, *, config: dict[str, Any] | None = None, **options: Any) -> Flask:
    app = Flask("flask_routes")
    app.config.update(config or {})
    sessions = RedisSessions(app, url, **options)
    gates: dict[str, threading.Event] = {}
    waiting: set[str] = set()

    def gate() -> threading.Event:
        return gates.setdefault(request.args["gate"], threading.Event())

    def change() -> None:
        """Applies a body: `clear`, names to `remove`, members to `set`, Python `code` on `s`."""
        wanted = request.get_json()
        if wanted.get("clear"):
            session.clear()
        for name in wanted.get("remove", []):
            del session[name]
        if "set" in wanted:
            session.update(wanted["set"])
        if "code" in wanted:
            exec(wanted["code"], {"s": session, "sessions": sessions})  # noqa: S102

    @app.get("/read")
    def read() -> Any:
        return jsonify(dict(session))

    @app.post("/write")
    def write() -> str:
        change()
        return ""

    @app.post("/slow")
    def slow() -> str:
        """Changes its session, then answers when the test opens the gate."""
        change()
        waiting.add(request.args["gate"])
        # The limit is for a test that fails before it opens the gate.
        assert gate().wait(LIMIT)
        return ""

    @app.get("/is_waiting")
    def is_waiting() -> Any:
        return jsonify(request.args["gate"] in waiting)

    @app.post("/open_gate")
    def open_gate() -> str:
        gate().set()
        return ""

    @app.post("/fails/<int:status>")
    def fails(status: int) -> str:
        change()
        abort(status)

    @app.post("/answers/<int:status>")
    def answers(status: int) -> tuple[str, int]:
        change()
        return "", status

    @app.post("/breaks")
    def breaks() -> str:
        change()
        raise RuntimeError("broken on purpose")

    @app.post("/streams")
    def streams() -> Response:
        def body() -> Iterator[str]:
            yield "a"
            change()
            yield "b"

        request.get_json()
        session["before"] = True
        return Response(stream_with_context(body()))

    @app.post("/eval")
    def evaluate() -> Any:
        return jsonify(eval(request.get_json(), {"s": session, "sessions": sessions}))  # noqa: S307

    @app.get("/devices")
    def devices() -> Any:
        return jsonify([[d.handle, d.current, d.values] for d in sessions.devices("/name")])

    @app.get("/public")
    def public() -> str:
        return "public"

    return app
