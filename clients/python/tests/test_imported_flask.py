"""A Flask application before and after `sessionctl import`, with Flask-Session as it was.

The old application logs a browser in over HTTP. The program moves the sessions. The new one answers
the same cookie with the same session.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_session
import pytest
import redis
from flask import Flask, session
from support.commands import keys
from support.flask_site import served_flask
from support.moving import Move, Visitor, contents, ends_of_keys, same_end
from support.servers import Group, Process

from redis_session_client import Sessions
from redis_session_client.flask import RedisSessions

KINDS = {
    "plain": {},
    "json": {"SESSION_SERIALIZATION_FORMAT": "json"},
    "signed": {"SESSION_USE_SIGNER": True},
    "short": {"SESSION_ID_LENGTH": 16},
}


def routes() -> Flask:
    app = Flask("shop")
    app.secret_key = "the same as before"

    @app.post("/login/<user>")
    def login(user: str) -> str:
        session["user_id"] = user
        return ""

    @app.post("/cart/<int:item>")
    def cart(item: int) -> str:
        session["cart"] = [*session.get("cart", []), item]
        return ""

    @app.get("/me")
    def me() -> dict[str, Any]:
        return {name: value for name, value in session.items() if name != "_permanent"}

    @app.post("/logout")
    def logout() -> str:
        session.clear()
        return ""

    return app


def old_app(server: Process, **config: Any) -> Flask:
    app = routes()
    app.config.update(config, SESSION_TYPE="redis", SESSION_REDIS=server.client())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*use_signer", DeprecationWarning)
        flask_session.Session(app)
    return app


def new_app(client: Any, prefix: str, config: dict[str, Any], **options: Any) -> Flask:
    app = routes()
    # Both are settings of the application that stay where they are.
    app.config.update(config)
    RedisSessions(app, client, prefix=prefix, user="user_id", **options)
    return app


@pytest.fixture(scope="module")
def old_server() -> Iterator[Process]:
    """A server without the module."""
    with Group() as group:
        yield group.start(plain=True)


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def config(request: pytest.FixtureRequest, old_server: Process) -> dict[str, Any]:
    with old_server.client() as raw:
        raw.flushall()
    return dict(request.param)


@pytest.fixture
def move(old_server: Process, server: Process, prefix: str, tmp_path: Path) -> Move:
    return Move("flask-session", old_server, server, prefix, tmp_path)


def shop(visitor: Visitor, user: str = "ada") -> None:
    visitor.post(f"/login/{user}")
    visitor.post("/cart/1")
    visitor.post("/cart/2")


ADA = {"user_id": "ada", "cart": [1, 2]}


@pytest.mark.parametrize("insecure", [True, False], ids=["http", "https"])
def test_visitors_stay_logged_in(
    old_server: Process,
    server: Process,
    prefix: str,
    raw: redis.Redis,
    config: dict[str, Any],
    insecure: bool,
    move: Move,
) -> None:
    with old_server.client() as old, served_flask(old_app(old_server, **config)) as before:
        visitor, guest, other = Visitor(before), Visitor(before), Visitor(before)
        shop(visitor)
        shop(other)
        guest.post("/cart/7")
        stored, ends = contents(old), ends_of_keys(old)
        move.run("--user", "/user_id")
        (found, _) = Sessions(raw).list(f"{prefix}ada")
        assert same_end(ends[0], found.info)
        assert found.info.idle
        app = new_app(server.url, prefix, config, insecure=insecure, imported=True)
        with served_flask(app) as after:
            copy = visitor.copy(after)
            for browser in (visitor, guest, other):
                browser.turn_to(after)
            assert visitor.get("/me") == ADA
            assert guest.get("/me") == {"cart": [7]}
            visitor.post("/cart/3")
            guest.post("/login/grace")
            assert len(keys(raw, prefix)) == 3
            visitor.post("/logout")
            assert visitor.cookies == {}
            # "Log out everywhere" knows the sessions that were moved.
            assert Sessions(raw).revoke(f"{prefix}ada") == 1
            move.run("--user", "/user_id")
            for browser in (visitor, copy, other):
                assert browser.get("/me") == {}
        assert contents(old) == stored
        other.turn_to(before)
        assert other.copy(before).get("/me") == ADA


def test_with_the_setting_legacy_each_session_moves_once(
    old_server: Process,
    server: Process,
    prefix: str,
    raw: redis.Redis,
    tmp_path: Path,
) -> None:
    """Both in one server, as `legacy` needs it. A visitor of after the import moves by itself."""
    old = f"{prefix}old:"
    config = {"SESSION_KEY_PREFIX": old}
    move = Move("flask-session", server, server, f"{prefix}new:", tmp_path)
    with served_flask(old_app(server, **config)) as before:
        visitor, late = Visitor(before), Visitor(before)
        shop(visitor)
        move.run("--source-prefix", old, "--user", "/user_id")
        shop(late, "grace")
        app = new_app(
            server.url,
            f"{prefix}new:",
            config,
            insecure=True,
            imported=True,
            legacy="flask-session",
        )
        with served_flask(app) as after:
            copies = [browser.copy(after) for browser in (visitor, late)]
            for browser in (visitor, late):
                browser.turn_to(after)
            created = Sessions(raw).list(f"{prefix}new:ada")[0].info.created
            assert visitor.get("/me") == ADA
            assert late.get("/me") == {"user_id": "grace", "cart": [1, 2]}
            (found,) = Sessions(raw).list(f"{prefix}new:ada")
            assert found.info.created == created
            for browser in (visitor, late):
                browser.post("/logout")
            assert keys(raw, prefix) == []
            for browser in copies:
                assert browser.get("/me") == {}


def test_in_a_cluster(
    old_server: Process, cluster: list[Process], prefix: str, tmp_path: Path
) -> None:
    """The old cookie has no tag. That of the next login has one."""
    with old_server.client() as old:
        old.flushall()
    with (
        served_flask(old_app(old_server)) as before,
        cluster[0].cluster_client(decode_responses=True) as client,
    ):
        visitors = [Visitor(before) for _ in range(5)]
        for number, visitor in enumerate(visitors):
            shop(visitor, f"user{number}")
        move = Move("flask-session", old_server, cluster[0], prefix, tmp_path)
        move.run("--user", "/user_id")
        app = new_app(client, prefix, {}, imported=True)
        with served_flask(app) as after:
            for number, visitor in enumerate(visitors):
                visitor.turn_to(after)
                assert visitor.get("/me") == {"user_id": f"user{number}", "cart": [1, 2]}
                old = visitor.copy()
                visitor.post("/login/ada")
                assert "." in visitor.cookies["__Host-session"]
                assert visitor.get("/me") == {"user_id": "ada"}
                assert old.get("/me") == {}
            assert Sessions(client).revoke(f"{prefix}ada") == 5
            assert visitors[0].get("/me") == {}
