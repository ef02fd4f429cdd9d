"""`flask.session` with what Flask applications have around it: Flask-Login, Flask-WTF, blueprints,
the test client, asynchronous views, mounted applications, and processes that fork."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    get_flashed_messages,
    render_template_string,
    session,
    stream_with_context,
)
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_wtf.csrf import CSRFProtect, generate_csrf
from support.commands import watched
from support.flask_site import FlaskMaker, served_flask
from support.servers import Process, eventually
from support.web import client as browser_at
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from redis_session_client.flask import RedisSession, RedisSessions


def new(server: Process, prefix: str, **options: Any) -> tuple[Flask, RedisSessions]:
    app = Flask(__name__)
    app.secret_key = "for Flask-WTF and the remember cookie of Flask-Login"
    return app, RedisSessions(app, server.url, **{"prefix": prefix, "insecure": True, **options})


# Flask-Login.


class User(UserMixin):
    def __init__(self, name: str) -> None:
        self.id = name


@pytest.fixture
def login_app(server: Process, prefix: str) -> Flask:
    app, sessions = new(server, prefix, user="_user_id")
    manager = LoginManager(app)
    manager.user_loader(User)

    @app.get("/login/<name>")
    def login(name: str) -> str:
        session["seen"] = session.get("seen", 0) + 1
        login_user(User(name), remember="remember" in flask.request.args)
        return ""

    @app.get("/me")
    @login_required
    def me() -> dict[str, Any]:
        return {
            "name": current_user.id,
            "user": sessions.user,
            "devices": len(sessions.devices()),
            "seen": session.get("seen"),
        }

    @app.get("/logout")
    def logout() -> str:
        logout_user()
        return ""

    @app.get("/everywhere")
    def everywhere() -> dict[str, int]:
        return {"ended": sessions.end_everywhere()}

    return app


def test_flask_login_logs_in_and_out(login_app: Flask, server: Process, prefix: str) -> None:
    one, two = login_app.test_client(), login_app.test_client()
    assert one.get("/me").status_code == 401
    one.get("/login/ada")
    before = one.get_cookie("session")
    assert one.get("/me").get_json() == {"name": "ada", "user": "ada", "devices": 1, "seen": 1}
    two.get("/login/ada")
    assert one.get("/me").get_json()["devices"] == 2
    one.get("/logout")
    after = one.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert one.get("/me").status_code == 401
    one.get("/login/grace")
    assert one.get("/me").get_json()["name"] == "grace"
    assert two.get("/everywhere").get_json() == {"ended": 1}
    assert two.get("/me").status_code == 401
    assert one.get("/me").get_json()["devices"] == 1


def test_a_login_of_flask_login_is_one_rotate(
    login_app: Flask, server: Process, prefix: str
) -> None:
    client = login_app.test_client()
    with client.session_transaction() as opened:
        opened["cart"] = [7]
    with server.client(decode_responses=True) as raw, watched(raw) as seen:
        client.get("/login/ada")
    assert [command.split(" ")[0] for command in seen] == ["SESSION.VERIFY", "SESSION.ROTATE"]


def test_the_remember_cookie_of_flask_login_begins_a_new_session(login_app: Flask) -> None:
    client = login_app.test_client()
    client.get("/login/ada?remember=1")
    client.delete_cookie("session")
    reply = client.get("/me")
    assert reply.get_json() == {"name": "ada", "user": "ada", "devices": 1, "seen": None}
    assert client.get_cookie("session") is not None
    assert client.get("/me").get_json()["devices"] == 2


# Flask-WTF and messages.


def test_csrf_tokens_of_flask_wtf_survive_a_login(server: Process, prefix: str) -> None:
    app, sessions = new(server, prefix)
    CSRFProtect(app)

    @app.get("/form")
    def form() -> str:
        return str(generate_csrf())

    @app.post("/login")
    def login() -> str:
        sessions.login("ada")
        return ""

    client = app.test_client()
    token = client.get("/form").text
    assert client.post("/login").status_code == 400
    assert client.post("/login", data={"csrf_token": token}).status_code == 200
    assert client.post("/login", data={"csrf_token": token}).status_code == 200
    assert app.test_client().post("/login", data={"csrf_token": token}).status_code == 400


def test_a_flashed_message_is_shown_once(server: Process, prefix: str) -> None:
    app, sessions = new(server, prefix)

    @app.get("/out")
    def out() -> str:
        sessions.logout()
        flash("Goodbye", "info")
        return ""

    @app.get("/")
    def index() -> Any:
        return flask.jsonify(get_flashed_messages(with_categories=True))

    client = app.test_client()
    client.get("/out")
    assert client.get("/").get_json() == [["info", "Goodbye"]]
    assert client.get("/").get_json() == []


def test_templates_see_the_session(server: Process, prefix: str) -> None:
    app, _ = new(server, prefix)

    @app.get("/")
    def index() -> str:
        session["name"] = "Ada"
        text = (
            "{{ session.name }} {{ session.get('x', 0) }} {% for k in session %}{{ k }}{% endfor %}"
        )
        return render_template_string(text)

    assert app.test_client().get("/").text == "Ada 0 name"


# Factories, blueprints, mounted applications.


def test_a_factory_and_a_blueprint(server: Process, prefix: str) -> None:
    sessions = RedisSessions()
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")

    @blueprint.post("/login")
    def login() -> str:
        sessions.login("ada", cart=[])
        return ""

    @blueprint.get("/")
    def index() -> Any:
        return flask.jsonify([sessions.user, session["cart"]])

    @blueprint.before_request
    def look() -> None:
        assert isinstance(session, dict)

    def create_app() -> Flask:
        app = Flask(__name__)
        app.config.update(REDIS_SESSION_URL=server.url, REDIS_SESSION_PREFIX=prefix)
        sessions.init_app(app)
        app.register_blueprint(blueprint)
        return app

    client = create_app().test_client()
    assert client.post("/shop/login", base_url="https://localhost").status_code == 200
    # Another process of the same application.
    other = create_app().test_client()
    cookie = client.get_cookie("__Host-session")
    assert cookie is not None
    other.set_cookie("__Host-session", cookie.value)
    assert other.get("/shop/").get_json() == ["ada", []]


def test_mounted_applications_share_a_session_or_have_their_own(
    server: Process, prefix: str
) -> None:
    def made(name: str, **config: Any) -> Flask:
        app = Flask(name)
        app.config.update(config)
        RedisSessions(app, server.url, insecure=True, prefix=config.pop("PREFIX", prefix))

        @app.get("/count")
        def count() -> str:
            session["n"] = session.get("n", 0) + 1
            return str(session["n"])

        return app

    outer = made("outer")
    own = made("own", PREFIX=f"{prefix}own:", SESSION_COOKIE_NAME="own", SESSION_COOKIE_PATH="/own")
    mounted = DispatcherMiddleware(outer, {"/shared": made("shared"), "/own": own})
    with served_flask(mounted) as url, browser_at(url) as browser:
        told = [browser.get(path).text for path in ("/count", "/shared/count", "/own/count")]
        assert told == ["1", "2", "1"]
        assert [browser.get(path).text for path in ("/count", "/own/count")] == ["3", "2"]


# The test client.


def test_session_transaction_reads_and_writes(make_flask: FlaskMaker) -> None:
    client = make_flask.app().test_client()
    with client.session_transaction() as opened:
        assert isinstance(opened, RedisSession)
        opened["n"] = (1, 2)
    assert client.get("/read").get_json() == {"n": [1, 2]}
    with client.session_transaction() as opened:
        assert json.dumps(opened) == '{"n": [1, 2]}'
        opened["n"] = {"deep": []}
    with client.session_transaction() as opened:
        opened["n"]["deep"].append(1)
    with client:
        client.get("/public")
        assert session["n"] == {"deep": [1]}
    with client.session_transaction() as opened:
        opened.clear()
    assert client.get_cookie("session") is None


def test_the_session_can_be_looked_at_after_a_request(make_flask: FlaskMaker) -> None:
    with make_flask.app().test_client() as client:
        client.post("/write", json={"code": "sessions.login('ada', name='Ada')"})
        assert session["name"] == "Ada"
        assert not session.modified


# Views of other kinds.


def test_asynchronous_views_and_streams(server: Process, prefix: str) -> None:
    app, sessions = new(server, prefix)

    @app.get("/async")
    async def count() -> str:
        session["n"] = session.get("n", 0) + 1
        sessions.login("ada")
        return str(session["n"])

    @app.get("/stream")
    def stream() -> Response:
        return Response(stream_with_context(f"{name} " for name in session))

    client = app.test_client()
    assert [client.get("/async").text for _ in range(2)] == ["1", "2"]
    assert client.get("/stream").text.split() == ["n"]


def test_a_before_request_that_answers_and_an_after_request_that_writes(
    server: Process, prefix: str
) -> None:
    app, _ = new(server, prefix)

    @app.before_request
    def gate() -> tuple[str, int] | None:
        if "ok" in session:
            return None
        session["tried"] = session.get("tried", 0) + 1
        return "no", 403

    @app.after_request
    def count(response: Response) -> Response:
        session["answers"] = session.get("answers", 0) + 1
        return response

    client = app.test_client()
    assert [client.get("/").status_code for _ in range(2)] == [403, 403]
    with client.session_transaction() as opened:
        assert opened == {"tried": 2, "answers": 2}


def test_an_error_after_the_save_still_gives_the_new_cookie(
    make_flask: FlaskMaker,
) -> None:
    app = make_flask.app()
    client = app.test_client()
    client.post("/write", json={"set": {"n": 1}})

    def fail(sender: Flask, **told: Any) -> None:
        raise RuntimeError("broken on purpose")

    with flask.request_finished.connected_to(fail, app):
        reply = client.post("/write", json={"code": "sessions.login('ada')"})
    assert reply.status_code == 500
    # The session has its new ID by now, which the visitor must learn.
    assert client.post("/eval", json="sessions.user").get_json() == "ada"


# Processes.

PRELOADED = """
import os
from flask import Flask, session
from redis_session_client.flask import RedisSessions

app = Flask(__name__)
RedisSessions(app, {url!r}, prefix={prefix!r}, insecure=True)
# A connection that the workers inherit, if it is not made anew.
with app.test_client() as client, client.session_transaction() as opened:
    opened["warm"] = 1

@app.get("/")
def index():
    session[str(os.getpid())] = session.get(str(os.getpid()), 0) + 1
    return dict(session)
"""


def test_workers_that_fork_from_a_loaded_application(
    server: Process, prefix: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(PRELOADED.format(url=server.url, prefix=prefix))
    command = [sys.executable, "-m", "gunicorn", "app:app", "--preload", "--workers", "2"]
    command += ["--threads", "4", "--bind", "127.0.0.1:0", "--worker-tmp-dir", str(tmp_path)]
    log = tmp_path / "log"
    with log.open("w") as out, subprocess.Popen(command, cwd=tmp_path, stderr=out) as process:
        try:
            told = eventually(
                "a server that listens",
                lambda: (
                    process.poll() is not None
                    or [line for line in log.read_text().splitlines() if "Listening at: " in line]
                ),
            )
            assert told is not True, log.read_text()
            url = told[0].partition("Listening at: ")[2].split(" ")[0]

            def both() -> bool:
                with browser_at(url, headers={"Connection": "close"}) as browser:
                    seen = [browser.get("/").json() for _ in range(8)]
                assert sum(seen[-1].values()) == 8
                return len(seen[-1]) == 2

            eventually("answers of both workers", both)
        finally:
            process.terminate()
