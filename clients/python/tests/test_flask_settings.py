"""Settings of the Flask extension: arguments, app.config, the cookie, and lifetimes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import redis
import redis.asyncio
from flask import Flask, session
from support.flask_site import FlaskMaker, FlaskSite
from support.servers import Process

from redis_session_client.flask import RedisSessions, SyncRedisBackend

DAY = 24 * 3600 * 1000


def cookie_of(reply: Any) -> dict[str, str]:
    """The attributes of the Set-Cookie header, by name in lower case; `name` is the cookie's."""
    text = reply.headers["set-cookie"]
    first, *rest = text.split("; ")
    pairs = [part.partition("=") for part in rest]
    return {"name": first.partition("=")[0]} | {name.lower(): value for name, _, value in pairs}


def stored(app: Flask, **config: Any) -> Any:
    """The response of an application that stores something, over https."""

    @app.get("/")
    def store() -> str:
        session["n"] = 1
        return ""

    return app.test_client().get("/", base_url="https://localhost")


def plain(server: Process, prefix: str, config: dict[str, Any], **options: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(config)
    RedisSessions(app, server.url, prefix=prefix, **options)
    return app


# The cookie.


def test_the_cookie_holds_a_token_and_nothing_of_the_session(server: Process, prefix: str) -> None:
    app = plain(server, prefix, {})

    @app.get("/")
    def store() -> str:
        session["long"] = "x" * 8000
        return ""

    reply = app.test_client().get("/", base_url="https://localhost")
    pair, *attributes = reply.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"__Host-session=[\w-]{43}", pair)  # browsers store 4096 bytes
    assert set(attributes) == {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {},
            {
                "name": "__Host-session",
                "path": "/",
                "httponly": "",
                "samesite": "Lax",
                "secure": "",
            },
        ),
        ({"SESSION_COOKIE_NAME": "sid"}, {"name": "__Host-sid"}),
        ({"SESSION_COOKIE_NAME": "__Host-sid"}, {"name": "__Host-sid"}),
        (
            {"SESSION_COOKIE_DOMAIN": "example.org"},
            {"name": "__Secure-session", "domain": "example.org"},
        ),
        ({"SESSION_COOKIE_PATH": "/shop"}, {"name": "__Secure-session", "path": "/shop"}),
        ({"APPLICATION_ROOT": "/shop"}, {"name": "__Secure-session", "path": "/shop"}),
        ({"SESSION_COOKIE_SAMESITE": "Strict"}, {"samesite": "Strict"}),
        (
            {"SESSION_COOKIE_SAMESITE": "none", "SESSION_COOKIE_PARTITIONED": True},
            {"samesite": "None", "partitioned": ""},
        ),
        ({"SESSION_COOKIE_SECURE": True}, {"secure": ""}),
    ],
)
def test_the_cookie_is_what_the_configuration_says(
    server: Process, prefix: str, config: dict[str, Any], expected: dict[str, str]
) -> None:
    app = plain(server, prefix, config)
    found = cookie_of(stored(app))
    assert found == found | expected
    assert "max-age" not in found
    assert app.session_interface.get_cookie_name(app) == expected.get("name", "__Host-session")


def test_scripts_may_read_the_cookie_if_the_configuration_says_so(
    server: Process, prefix: str
) -> None:
    assert "httponly" not in cookie_of(
        stored(plain(server, prefix, {"SESSION_COOKIE_HTTPONLY": False}))
    )


def test_insecure_drops_the_prefix_and_secure(server: Process, prefix: str) -> None:
    found = cookie_of(stored(plain(server, prefix, {}, insecure=True)))
    assert found == {"name": "session", "path": "/", "httponly": "", "samesite": "Lax"}


def test_a_secure_cookie_over_http_is_told_once(
    make_flask: FlaskMaker, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_flask(insecure=False)
    for _ in range(2):
        with site.browser() as browser:
            browser.post("/write", json={"set": {"n": 1}})
    told = [record for record in caplog.records if "insecure=True" in record.getMessage()]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("config", "options", "told"),
    [
        ({"SESSION_COOKIE_SECURE": True}, {"insecure": True}, "contradict"),
        ({"SESSION_COOKIE_SAMESITE": "None"}, {"insecure": True}, "needs Secure"),
        ({"SESSION_COOKIE_SAMESITE": "Sometimes"}, {}, "same_site"),
        ({"SESSION_COOKIE_NAME": "a b"}, {}, "no name for a cookie"),
        ({"SESSION_COOKIE_NAME": "__Host-a", "SESSION_COOKIE_DOMAIN": "example.org"}, {}, "refuse"),
        ({"SESSION_COOKIE_DOMAIN": "127.0.0.1"}, {}, "address"),
        ({"REDIS_SESSION_LIFETIEM": 1}, {}, "there is no setting REDIS_SESSION_LIFETIEM"),
        ({"PERMANENT_SESSION_LIFETIME": 0}, {}, "PERMANENT_SESSION_LIFETIME"),
        ({}, {"lifetime": 0}, "lifetime"),
        ({}, {"idle": -1}, "idle"),
        ({}, {"max_sessions": 0, "user": "user_id"}, "max_sessions"),
        ({}, {"max_sessions": 1}, "needs user"),
        ({}, {"grace": 0}, "grace"),
        ({}, {"origins": ["https://example.org"]}, "check_origin"),
        ({}, {"origins": ["example.org"], "check_origin": True}, "no origin"),
        ({}, {"timeout": 0}, "timeout"),
    ],
)
def test_a_setting_that_cannot_be_is_a_value_error_at_once(
    config: dict[str, Any], options: dict[str, Any], told: str
) -> None:
    app = Flask(__name__)
    app.config.update(config)
    with pytest.raises(ValueError, match=told):
        RedisSessions(app, **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lifetime": "1h"}, "lifetime"),
        ({"rotate_on": "user"}, "rotate_on"),
        ({"user": 5}, "user"),
        ({"insecure": "yes"}, "insecure"),
        ({"grace": 1.5}, "grace"),
        ({"timeout": "2"}, "timeout"),
        ({"url": 5}, "not a int"),
        ({"url": redis.asyncio.Redis()}, "synchronous"),
        ({"url": redis.Redis(), "timeout": 2}, "has its own"),
        ({"url": SyncRedisBackend(redis.Redis()), "prefix": "a:"}, "own prefix"),
    ],
)
def test_a_setting_of_a_wrong_type_is_a_type_error_at_once(
    options: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        RedisSessions(Flask(__name__), **options)


def test_the_first_argument_is_the_application() -> None:
    wrong: Any = "redis://localhost"
    with pytest.raises(TypeError, match="a Flask application"):
        RedisSessions(wrong)


def test_a_route_of_an_application_without_the_extension_is_told() -> None:
    app = Flask(__name__)
    app.secret_key = "x"
    with app.test_request_context(), pytest.raises(RuntimeError, match="init_app"):
        RedisSessions().logout()


# Where settings come from.


def test_settings_come_from_the_configuration(server: Process, prefix: str) -> None:
    config = {
        "REDIS_SESSION_URL": server.url,
        "REDIS_SESSION_PREFIX": prefix,
        "REDIS_SESSION_INSECURE": True,
        "REDIS_SESSION_USER": "user_id",
        "REDIS_SESSION_MAX_SESSIONS": 3,
        "REDIS_SESSION_LIFETIME": 3600,
        "REDIS_SESSION_IDLE": 60,
    }
    app = Flask(__name__)
    app.config.update(config)
    sessions = RedisSessions()
    sessions.init_app(app)

    @app.get("/login")
    def login() -> str:
        sessions.login("ada")
        return ""

    @app.get("/about")
    def about() -> dict[str, Any]:
        info = sessions.info
        assert info is not None
        assert info.deadline is not None
        return {"user": sessions.user, "life": info.deadline - info.created, "idle": info.idle}

    client = app.test_client()
    assert cookie_of(client.get("/login"))["name"] == "session"
    assert client.get("/about").get_json() == {"user": "ada", "life": 3_600_000, "idle": 60_000}
    with server.client(decode_responses=True) as raw:
        assert all(key.startswith(prefix) for key in raw.scan_iter(f"*{prefix}*"))


def test_names_of_flask_session_mean_the_same(server: Process, prefix: str) -> None:
    app = Flask(__name__)
    client = server.client()
    app.config.update(
        SESSION_TYPE="redis",
        SESSION_REDIS=client,
        SESSION_KEY_PREFIX=prefix,
        SESSION_PERMANENT=True,
    )
    RedisSessions(app)
    assert "max-age" in cookie_of(stored(app))
    with server.client(decode_responses=True) as raw:
        assert list(raw.scan_iter(f"{prefix}*"))
    client.close()


def test_an_argument_wins_over_the_configuration(server: Process, prefix: str) -> None:
    app = plain(
        server, prefix, {"REDIS_SESSION_PREFIX": "other:", "REDIS_SESSION_URL": "redis://x"}
    )
    assert stored(app).status_code == 200


def test_one_extension_serves_many_applications(server: Process, prefix: str) -> None:
    sessions = RedisSessions(url=server.url)
    for name in ("one", "two"):
        app = Flask(name)
        app.config["REDIS_SESSION_PREFIX"] = f"{prefix}{name}:"
        sessions.init_app(app)
        assert stored(app).status_code == 200
        with server.client(decode_responses=True) as raw:
            assert len(list(raw.scan_iter(f"{prefix}{name}:t*"))) == 1


# Lifetimes.


def test_a_session_lasts_as_flask_says_after_its_last_use(make_flask: FlaskMaker) -> None:
    site = make_flask(config={"PERMANENT_SESSION_LIFETIME": timedelta(minutes=30)})
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        info = site.info(browser)
        assert (info.deadline, info.idle) == (None, 1_800_000)


def test_without_refresh_it_lasts_from_its_last_change(make_flask: FlaskMaker) -> None:
    config = {"PERMANENT_SESSION_LIFETIME": 1800, "SESSION_REFRESH_EACH_REQUEST": False}
    site = make_flask(config=config)
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        for body, renewed in (
            ({"set": {"n": 2}}, True),
            ({"code": "s.modified = True"}, True),
            ({"code": "s['n']"}, False),
        ):
            site.sessions.touch(site.key(browser), ex=60)
            before = site.info(browser)
            browser.post("/write", json=body)
            after = site.info(browser)
            assert before.deadline is not None
            assert after.deadline is not None
            assert after.idle is None
            assert (after.deadline - before.deadline > 1_700_000) is renewed


def test_lifetime_is_an_end_that_changes_do_not_move(make_flask: FlaskMaker) -> None:
    site = make_flask(lifetime=timedelta(hours=8), idle=0)
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        before = site.info(browser)
        assert before.idle is None
        assert before.deadline is not None
        browser.post("/write", json={"set": {"n": 2}})
        assert site.info(browser).deadline == before.deadline
        browser.post("/write", json={"code": "sessions.login('ada')"})
        after = site.info(browser).deadline
        assert after is not None
        assert after >= before.deadline


# Permanent sessions.


@pytest.mark.parametrize(("options", "expected"), [({}, 400 * 86400), ({"lifetime": 3600}, 3600)])
def test_a_permanent_session_has_a_cookie_that_outlives_the_browser(
    make_flask: FlaskMaker, options: dict[str, Any], expected: int
) -> None:
    site = make_flask(**options)
    with site.browser() as browser:
        reply = browser.post("/write", json={"code": "s.permanent = True; s['n'] = 1"})
        assert cookie_of(reply)["max-age"] == str(expected)
        # It need not be sent again: the server ends the session.
        reply = browser.post("/write", json={"code": "s.permanent = True; s['n'] = 2"})
        assert "set-cookie" not in reply.headers
        reply = browser.post("/write", json={"code": "s.permanent = False"})
        assert "max-age" not in cookie_of(reply)
        assert site.data(browser) == {"_permanent": False, "n": 2}
        reply = browser.post("/write", json={"code": "sessions.login('ada', remember=True)"})
        assert cookie_of(reply)["max-age"] == str(expected)


def test_permanent_set_before_each_request_makes_no_session(make_flask: FlaskMaker) -> None:
    app = make_flask.app()

    @app.before_request
    def make_permanent() -> None:
        session.permanent = True
        assert session.permanent

    client = app.test_client()
    assert "Set-Cookie" not in client.get("/public").headers
    assert "Set-Cookie" not in client.get("/read").headers
    reply = client.post("/write", json={"set": {"n": 1}})
    assert cookie_of(reply)["max-age"] == str(400 * 86400)
    assert client.get("/read").get_json() == {"_permanent": True, "n": 1}


def test_a_login_after_clear_is_as_permanent_as_the_request_said(make_flask: FlaskMaker) -> None:
    site = make_flask()
    with site.browser() as browser:
        code = "s.permanent = True; s.clear(); s['user_id'] = 1"
        reply = browser.post("/write", json={"code": code})
        assert cookie_of(reply)["max-age"] == str(400 * 86400)
        reply = browser.post("/write", json={"code": "s.clear(); s['user_id'] = 1"})
        assert "max-age" not in cookie_of(reply)
        reply = browser.post("/write", json={"code": "s.permanent = True; s.clear()"})
        assert cookie_of(reply)["max-age"] == "0"
        assert site.live_keys() == []


# Schemas and the Origin check.


def test_a_session_that_its_schema_refuses_counts_as_none(
    make_flask: FlaskMaker, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"{prefix}schema"
    site = make_flask(schema=name)
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    site.sessions.schema_set(name, schema)
    with site.browser() as browser:
        assert browser.post("/write", json={"set": {"n": 1}}).status_code == 200
        assert site.info(browser).schema == name
        assert browser.post("/write", json={"set": {"n": "one"}}).status_code == 500
        assert site.data(browser) == {"n": 1}
        site.sessions.schema_set(name, schema | {"required": ["m"]})
        assert browser.get("/read").json() == {}
        assert "refused" in caplog.text
        assert browser.post("/write", json={"set": {"m": 1}}).status_code == 200
        assert site.data(browser) == {"m": 1}
        assert len(site.live_keys()) == 1
        site.sessions.schema_delete(name)
        assert browser.get("/read").status_code == 500
        assert browser.get("/public").status_code == 200


def test_a_login_as_another_user_that_the_schema_refuses_ends_nothing(
    make_flask: FlaskMaker, prefix: str
) -> None:
    name = f"{prefix}schema"
    site = make_flask(schema=name, user="user_id")
    site.sessions.schema_set(name, {"properties": {"n": {"type": "integer"}}})
    with site.browser() as browser:
        assert browser.post("/write", json={"set": {"user_id": "ada", "n": 1}}).status_code == 200
        refused = browser.post("/write", json={"set": {"user_id": "eve", "n": "one"}})
        assert refused.status_code == 500
        assert site.data(browser) == {"user_id": "ada", "n": 1}
        assert len(site.live_keys()) == 1


def origin_reply(browser: httpx.Client, site: FlaskSite, **headers: str) -> int:
    return browser.post("/write", json={"set": {"n": 2}}, headers=headers).status_code


def test_an_unsafe_request_of_another_site_is_refused(make_flask: FlaskMaker) -> None:
    site = make_flask(check_origin=True, origins=["https://app.example.org"])
    with site.browser() as browser:
        assert origin_reply(browser, site, Origin="https://evil.example") == 200  # no session yet
        assert origin_reply(browser, site, Origin="https://evil.example") == 403
        assert origin_reply(browser, site, Origin=site.url) == 200
        assert origin_reply(browser, site, Origin="https://app.example.org") == 200
        assert origin_reply(browser, site, Referer="https://evil.example/page") == 403
        assert browser.get("/read", headers={"Origin": "https://evil.example"}).status_code == 200
