"""Wrong arguments are refused where they are written, and not by the first visitor's login."""

from datetime import timedelta
from typing import Annotated, Any

import pytest
import redis
import redis.asyncio
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel
from support.servers import Process
from support.web import client, served

from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    MemoryBackend,
    RedisBackend,
    SessionManager,
    Visit,
)


class Profile(BaseModel):
    name: str = ""


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"lifetime": "1h"}, TypeError, "timedelta"),
        ({"lifetime": 1.5}, TypeError, "int of seconds"),
        ({"lifetime": True}, TypeError, "bool"),
        ({"lifetime": 0}, ValueError, "1 second or more"),
        ({"lifetime": -1}, ValueError, "1 second or more"),
        ({"lifetime": timedelta(0)}, ValueError, "1 second or more"),
        ({"lifetime": timedelta(microseconds=5)}, ValueError, "1 second or more"),
        ({"lifetime": 10**30}, ValueError, "at most"),
        ({"idle": "30m"}, TypeError, "idle"),
        ({"idle": -1}, ValueError, "idle"),
        ({"idle": timedelta(seconds=-1)}, ValueError, "idle"),
        ({"max_sessions": 0}, ValueError, "max_sessions"),
        ({"max_sessions": -3}, ValueError, "max_sessions"),
        ({"max_sessions": "5"}, TypeError, "max_sessions"),
        ({"max_sessions": True}, TypeError, "max_sessions"),
        ({"prefix": 5}, TypeError, "prefix"),
        ({"prefix": "x" * 256}, ValueError, "255"),
        ({"prefix": "a*"}, ValueError, "prefix"),
        ({"frontends": CookieFrontend()}, TypeError, "list of frontends"),
        ({"frontends": "cookie"}, TypeError, "list of frontends"),
        ({"frontends": ["cookie"]}, TypeError, "frontend"),
        ({"frontends": []}, ValueError, "one or more"),
        ({"frontends": [HeaderFrontend("A"), HeaderFrontend("a")]}, ValueError, "name"),
        ({"frontends": [CookieFrontend()], "insecure": True}, TypeError, "policy"),
        ({"check_origin": True, "origins": "https://a.test"}, TypeError, "list"),
        ({"check_origin": True, "origins": ["a.test"]}, ValueError, "https://app.example.org"),
        ({"check_origin": True, "origins": ["https://a.test/b"]}, ValueError, "no origin"),
        ({"check_origin": True, "origins": [None]}, ValueError, "no origin"),
        ({"origins": ["https://a.test"]}, ValueError, "check_origin"),
    ],
)
def test_a_managers_settings(options: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told) as raised:
        SessionManager("redis://localhost:1", **options)
    assert str(raised.value).isascii()


@pytest.mark.parametrize(
    "options",
    [
        {"lifetime": None, "idle": None},
        {"lifetime": 1, "idle": 0},
        {"lifetime": timedelta(days=400), "idle": timedelta(minutes=5)},
        {"max_sessions": 1},
        {"prefix": "x" * 255},
    ],
)
def test_settings_at_the_edge(options: Any) -> None:
    SessionManager("redis://localhost:1", **options)


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        (redis.Redis(), r"redis\.asyncio\.Redis"),
        (5, "not a int"),
        (None, "not a NoneType"),
        (object(), "not a object"),
        (redis.asyncio.Redis, r"Redis\("),
    ],
)
def test_a_backend(backend: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        SessionManager(backend)


def test_a_url_of_nothing_that_is_known() -> None:
    with pytest.raises(ValueError, match="redis://"):
        SessionManager("localhost:6379")


def test_a_backend_takes_no_synchronous_client_either() -> None:
    with pytest.raises(TypeError, match=r"redis\.asyncio"):
        RedisBackend(redis.Redis())


@pytest.mark.parametrize("kind", ["required", "optional", "socket", "visit"])
def test_a_guards_first_argument_is_a_model(kind: str) -> None:
    guard = getattr(SessionManager(MemoryBackend()), kind)
    with pytest.raises(TypeError, match="None first"):
        guard("admin")
    for wrong in (5, Profile(), ["admin"], lambda session: True):
        with pytest.raises(TypeError, match="model"):
            guard(wrong)
    with pytest.raises(TypeError, match="no Pydantic model"):
        guard(dict)


@pytest.mark.parametrize(
    ("fresh", "error"),
    [("60", TypeError), (1.5, TypeError), (True, TypeError), (-1, ValueError), (2**63, ValueError)],
)
def test_fresh(fresh: Any, error: type[Exception]) -> None:
    manager = SessionManager(MemoryBackend())
    for kind in (manager.required, manager.optional):
        with pytest.raises(error, match="fresh"):
            kind(fresh=fresh)


@pytest.mark.parametrize(("every", "error"), [("30", TypeError), (0, ValueError), (-1, ValueError)])
def test_the_interval_of_a_socket(every: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="every"):
        SessionManager(MemoryBackend()).socket(every=every)


@pytest.mark.parametrize("app", [APIRouter(), None, "app"])
def test_install_takes_an_application(app: Any) -> None:
    with pytest.raises(TypeError, match="FastAPI application"):
        SessionManager(MemoryBackend()).install(app)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"same_site": "lax"}, "'Lax'"),
        ({"same_site": None}, "'Lax'"),
        ({"same_site": "None", "insecure": True}, "Secure"),
        ({"partitioned": True, "insecure": True}, "Secure"),
        ({"name": ""}, "name"),
        ({"name": "__Host-"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "a;b"}, "name"),
        ({"name": "ä"}, "name"),
        ({"name": "a" * 4096}, "browsers drop"),
        ({"path": "/" + "a" * 1024}, "browsers ignore"),
        ({"name": "__Host-shop", "domain": "example.org"}, "__Secure-"),
        ({"name": "__Host-shop", "path": "/shop"}, "__Secure-"),
        ({"path": "shop"}, "path"),
        ({"path": ""}, "path"),
        ({"path": "/a;b"}, "path"),
        ({"path": "/a\r\nX: y"}, "path"),
        ({"path": None}, "path"),
        ({"domain": ""}, "domain"),
        ({"domain": "org"}, "domain"),
        ({"domain": "https://example.org"}, "domain"),
        ({"domain": "example.org:80"}, "domain"),
        ({"domain": "example.org; Path=/"}, "domain"),
        ({"domain": "127.0.0.1"}, "addresses"),
        ({"domain": "-a.example"}, "domain"),
    ],
)
def test_a_cookie_that_no_browser_takes(options: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        CookiePolicy(**options)
    assert str(raised.value).isascii()


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({}, "__Host-session=x; Path=/; HttpOnly; SameSite=Lax; Secure"),
        (
            {"same_site": "None", "partitioned": True},
            "__Host-session=x; Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
        ),
        (
            {"domain": ".example.org", "name": "shop"},
            "__Secure-shop=x; Path=/; Domain=example.org; HttpOnly; SameSite=Lax; Secure",
        ),
        ({"path": "/shop"}, "__Secure-session=x; Path=/shop; HttpOnly; SameSite=Lax; Secure"),
        ({"path": "/shop", "insecure": True}, "session=x; Path=/shop; HttpOnly; SameSite=Lax"),
        ({"name": "__Secure-a"}, "__Secure-a=x; Path=/; HttpOnly; SameSite=Lax; Secure"),
        ({"name": "__Host-a", "insecure": True}, "a=x; Path=/; HttpOnly; SameSite=Lax"),
    ],
)
def test_cookies_with_attributes(options: Any, header: str) -> None:
    policy = CookiePolicy(**options)
    assert policy.set("x") == header
    name, _, attributes = header.partition("=x; ")
    assert policy.delete().startswith(f'{name}=""; {attributes}; Max-Age=0')
    assert policy.full_name == name
    assert policy.read([f"{name}=ticket"]) == ["ticket"]


# A login's user, over HTTP.


@pytest.mark.parametrize(
    ("user", "answer"),
    [
        ("a" * 247, "ok"),
        ("a" * 255, "ok"),
        ("é" * 127, "ok"),
        ("a" * 256, "ValueError"),
        ("é" * 128, "ValueError"),
        ("", "ValueError"),
    ],
)
def test_the_length_of_a_users_name(server: Process, user: str, answer: str) -> None:
    manager = SessionManager(server.url, prefix="p" * 255, insecure=True)
    app = FastAPI()
    manager.install(app)

    @app.post("/login")
    async def login(visit: Annotated[Visit[Any], Depends(manager.visit())], user: str) -> str:
        try:
            await visit.login(user)
        except (TypeError, ValueError) as error:
            return type(error).__name__
        return "ok"

    @app.get("/devices")
    async def devices(session: Annotated[Any, Depends(manager.required())]) -> int:
        return len(await session.devices())

    with served(app) as url, client(url) as browser:
        assert browser.post("/login", params={"user": user}).json() == answer
        if answer == "ok":
            assert browser.get("/devices").json() >= 1


@pytest.mark.parametrize(
    ("user", "error"),
    [
        (5, TypeError),
        (None, TypeError),
        (b"ada", TypeError),
        (True, TypeError),
        ("\ud800", ValueError),
        ("a" * 256, ValueError),
    ],
)
@pytest.mark.parametrize("kind", ["redis", "memory"])
async def test_a_users_name_for_a_backend(
    server: Process, prefix: str, kind: str, user: Any, error: type[Exception]
) -> None:
    backend: Any = MemoryBackend()
    if kind == "redis":
        backend = RedisBackend(server.url, prefix=prefix)
    ticket = await backend.create({})
    if user is not None:
        with pytest.raises(error, match="user's name"):
            await backend.rotate(ticket, user=user)
        with pytest.raises(error, match="user's name"):
            await backend.create({}, user=user)
    if kind == "redis":
        with pytest.raises(error, match="user's name"):
            await backend.devices(user)
        with pytest.raises(error, match="user's name"):
            await backend.end_all(user)
    assert await backend.verify(ticket) is not None
    await backend.close()


async def test_a_wrong_user_leaves_the_visitors_session_alone() -> None:
    manager = SessionManager(MemoryBackend(), insecure=True)
    app = FastAPI()
    manager.install(app)

    @app.post("/save")
    async def save(visit: Annotated[Visit[Any], Depends(manager.visit())]) -> None:
        await visit.save({"cart": [1]})

    @app.post("/login")
    async def login(visit: Annotated[Visit[Any], Depends(manager.visit(Profile))]) -> str:
        with pytest.raises(TypeError, match=r"str\(\.\.\.\)"):
            await visit.login(5)  # type: ignore[arg-type]
        return "refused"

    @app.get("/data")
    async def data(session: Annotated[Any, Depends(manager.required())]) -> Any:
        return session.data

    with served(app) as url, client(url) as browser:
        browser.post("/save")
        assert browser.post("/login").json() == "refused"
        assert browser.get("/data").json() == {"cart": [1]}
