"""Flask with a server that is away, slow, without the module, or restarted empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from flask import Flask, session
from support.flask_site import FlaskMaker, FlaskSite
from support.servers import Group, Process
from support.starlette_site import Stalled

from redis_session_client.flask import RedisSessions


@pytest.fixture
def own() -> Iterator[Process]:
    """A server that the test may stop."""
    with Group() as group:
        yield group.start()


@pytest.fixture
def site(own: Process, prefix: str, make_flask: FlaskMaker) -> FlaskSite:
    return make_flask(url=f"redis://127.0.0.1:{own.port}/0")


def test_pages_without_a_session_are_served_and_others_are_503(
    site: FlaskSite, own: Process, caplog: pytest.LogCaptureFixture
) -> None:
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        own.kill()
        assert browser.get("/public").status_code == 200
        assert browser.get("/static/none").status_code == 404
        for reply in (
            browser.get("/read"),
            browser.get("/devices"),
            browser.post("/write", json={"set": {"n": 2}}),
            browser.post("/write", json={"clear": True}),
        ):
            assert reply.status_code == 503
            assert reply.headers["retry-after"]
            assert "set-cookie" not in reply.headers
        assert "cannot be reached" in caplog.text
        with site.browser() as visitor:
            assert visitor.get("/read").json() == {}
            assert visitor.post("/write", json={"set": {"n": 2}}).status_code == 503


def test_a_server_that_goes_away_before_the_answer_makes_it_503(
    site: FlaskSite, own: Process
) -> None:
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        stalled = Stalled(browser, {"code": "sessions.login('ada')"})
        own.kill()
        reply = stalled.release()
        assert reply.status_code == 503
        assert "set-cookie" not in reply.headers


def test_a_server_that_hangs_is_given_up(own: Process, make_flask: FlaskMaker) -> None:
    site = make_flask(url=f"redis://127.0.0.1:{own.port}/0", timeout=2)
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        own.freeze()
        assert browser.get("/read").status_code == 503
        own.thaw()
        assert browser.get("/read").json() == {"n": 1}


def test_a_server_that_restarts_empty_needs_no_restart_of_the_application(
    site: FlaskSite, own: Process
) -> None:
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        own.restart()
        assert browser.get("/read").json() == {}
        assert browser.post("/write", json={"set": {"n": 2}}).status_code == 200
        assert browser.get("/read").json() == {"n": 2}


def test_the_applications_own_page_for_503_may_use_the_session(own: Process) -> None:
    app = Flask(__name__)
    RedisSessions(app, f"redis://127.0.0.1:{own.port}/0", insecure=True)

    @app.errorhandler(503)
    def away(error: Exception) -> tuple[str, int]:
        session["seen"] = True
        return f"away, {session.get('user', 'nobody')}", 503

    @app.get("/")
    def index() -> Any:
        session["n"] = session.get("n", 0) + 1
        return dict(session)

    client = app.test_client()
    assert client.get("/").get_json() == {"n": 1}
    own.kill()
    reply = client.get("/")
    assert (reply.status_code, reply.text) == (503, "away, nobody")
    assert "Set-Cookie" not in reply.headers
    # A visitor without a session: only the write fails, after the view has answered.
    reply = app.test_client().get("/")
    assert (reply.status_code, reply.text) == (503, "away, nobody")


def test_permanent_alone_refuses_no_page(own: Process) -> None:
    app = Flask(__name__)
    RedisSessions(app, f"redis://127.0.0.1:{own.port}/0", insecure=True)

    @app.before_request
    def make_permanent() -> None:
        session.permanent = True

    @app.get("/")
    def index() -> str:
        return "plain"

    @app.get("/write")
    def write() -> str:
        session["n"] = 1
        return ""

    client = app.test_client()
    assert client.get("/write").status_code == 200
    own.kill()
    assert client.get("/").text == "plain"


def test_a_server_without_the_module_is_told(
    make_flask: FlaskMaker, caplog: pytest.LogCaptureFixture
) -> None:
    with Group() as group:
        # A Sentinel answers commands, and knows none of the module.
        other = group.start(sentinel=True)
        site = make_flask(url=f"redis://127.0.0.1:{other.port}/0")
        with site.browser("A" * 43) as browser:
            assert browser.get("/read").status_code == 500
            assert f"127.0.0.1:{other.port} has not loaded the module" in caplog.text
            assert browser.get("/public").status_code == 200


def test_a_server_that_wants_a_password_is_503_with_a_log_line(
    site: FlaskSite, own: Process, caplog: pytest.LogCaptureFixture
) -> None:
    with own.client() as admin:
        admin.execute_command("CONFIG", "SET", "requirepass", "secret")
        admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
    with site.browser("A" * 43) as browser:
        assert browser.get("/read").status_code == 503
    assert "AuthenticationError" in caplog.text
    assert "secret" not in caplog.text


def test_an_application_starts_without_a_server() -> None:
    app = Flask(__name__)
    RedisSessions(app, "redis://127.0.0.1:1/0")
    assert app.test_client().get("/").status_code == 404


def test_session_transaction_raises_the_error_itself(
    own: Process, make_flask: FlaskMaker, prefix: str
) -> None:
    app = make_flask.app(url=f"redis://127.0.0.1:{own.port}/0")
    client = app.test_client()
    own.kill()
    with pytest.raises(redis.ConnectionError), client.session_transaction() as opened:
        opened["n"] = 1
