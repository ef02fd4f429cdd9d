"""Old sessions, which Flask and Flask-Session themselves have made, are taken over."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import flask_session
import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from support.commands import keys
from support.flask_site import served_flask
from support.servers import Process
from support.web import client as browser_at

from redis_session_client.flask import RedisSessions

DATA = {"user_id": "ada", "cart": {"7": [1, 2]}, "at": datetime(2026, 11, 29, tzinfo=timezone.utc)}


def routes(app: Flask) -> Flask:
    app.secret_key = "the old key"

    @app.get("/store")
    def store() -> str:
        session.update(DATA)
        return ""

    @app.get("/read")
    def read() -> dict[str, Any]:
        return {name: str(value) for name, value in session.items() if name != "_permanent"}

    @app.get("/write/<name>")
    def write(name: str) -> str:
        session[name] = True
        return ""

    @app.get("/logout")
    def logout() -> str:
        session.clear()
        return ""

    return app


EXPECTED = {name: str(value) for name, value in DATA.items()}


@pytest.fixture(params=["cookie", "flask-session", "flask-session json", "flask-session signed"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(kind: str, prefix: str) -> dict[str, Any]:
    return {
        "SESSION_KEY_PREFIX": prefix,
        "SESSION_SERIALIZATION_FORMAT": "json" if "json" in kind else "msgpack",
        "SESSION_USE_SIGNER": "signed" in kind,
    }


@pytest.fixture
def old(kind: str, config: dict[str, Any], server: Process) -> str:
    """The cookie of a visitor of the old application."""
    app = routes(Flask("old"))
    if kind != "cookie":
        app.config.update(config, SESSION_TYPE="redis", SESSION_REDIS=server.client())
        if config["SESSION_USE_SIGNER"]:
            with pytest.warns(DeprecationWarning, match="use_signer"):
                flask_session.Session(app)
        else:
            flask_session.Session(app)
    client = app.test_client()
    client.get("/store")
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


@pytest.fixture(params=[False, True], ids=["https", "http"])
def app(
    request: pytest.FixtureRequest, kind: str, config: dict[str, Any], server: Process
) -> Flask:
    app = routes(Flask("new"))
    app.config.update(config)
    legacy = kind.partition(" ")[0]
    RedisSessions(app, server.url, legacy=legacy, user="user_id", insecure=request.param)
    return app


def visitor(app: Flask, old: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("session", old)
    return client


def test_a_visitor_stays_logged_in(app: Flask, old: str, kind: str, server: Process) -> None:
    client = visitor(app, old)
    # JSON has no datetimes, so Flask-Session made text of it.
    expected = EXPECTED | ({"at": "2026-11-29T00:00:00Z"} if "json" in kind else {})
    assert client.get("/read").json == expected
    name = app.session_interface.get_cookie_name(app)
    assert client.get_cookie(name) is not None
    if name != "session":
        assert client.get_cookie("session") is None
    client.get("/write/more")
    assert client.get("/read").json == expected | {"more": "True"}
    prefix = app.config["SESSION_KEY_PREFIX"]
    with server.client(decode_responses=True) as raw:
        (key,) = keys(raw, prefix)
        found = raw.execute_command("SESSION.GET", key, "FIELDS", 1, "user")
    assert found[0] == [f"{prefix}ada"]


def test_the_old_cookie_opens_nothing_after_a_logout(app: Flask, old: str, server: Process) -> None:
    client = visitor(app, old)
    client.get("/read")
    client.get("/logout")
    assert client.get_cookie("session") is None
    assert visitor(app, old).get("/read").json == {}


def test_a_logout_ends_an_old_session_that_was_never_read(app: Flask, old: str) -> None:
    client = visitor(app, old)
    client.get("/logout")
    assert client.get_cookie("session") is None
    assert visitor(app, old).get("/read").json == {}


def test_requests_at_the_same_time_get_one_session(app: Flask, old: str, server: Process) -> None:
    with served_flask(app) as url:

        def write(n: int) -> None:
            with browser_at(url, headers={"Cookie": f"session={old}"}) as browser:
                assert browser.get(f"/write/m{n}").status_code == 200

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(write, range(10)))
        with browser_at(url, headers={"Cookie": f"session={old}"}) as browser:
            found = browser.get("/read").json()
    assert {f"m{n}" for n in range(10)} < set(found)
    with server.client(decode_responses=True) as raw:
        assert len(keys(raw, app.config["SESSION_KEY_PREFIX"])) == 1


@pytest.mark.parametrize("forged", ["x" * 43, "a.b.c", "eyJ1c2VyX2lkIjoiYWRhIn0.aSq9hw.AAAA", "*"])
def test_a_forged_cookie_opens_nothing(app: Flask, forged: str) -> None:
    assert visitor(app, forged).get("/read").json == {}


@pytest.mark.parametrize("kind", ["flask-session"])
def test_pickled_data_is_never_read(
    app: Flask, server: Process, caplog: pytest.LogCaptureFixture
) -> None:
    sid = "s" * 43
    prefix = app.config["SESSION_KEY_PREFIX"]
    with server.client() as raw:
        raw.set(prefix + sid, pickle.dumps({"user_id": "ada"}))
        assert visitor(app, sid).get("/read").json == {}
        assert "neither MessagePack nor JSON" in caplog.text
        assert raw.exists(prefix + sid)


@pytest.mark.parametrize("kind", ["flask-session"])
def test_the_key_of_a_session_is_no_old_session(app: Flask, old: str, server: Process) -> None:
    visitor(app, old).get("/read")
    prefix = app.config["SESSION_KEY_PREFIX"]
    with server.client(decode_responses=True) as raw:
        (key,) = keys(raw, prefix)
        assert visitor(app, key.removeprefix(prefix)).get("/read").json == {}
        assert keys(raw, prefix) == [key]
