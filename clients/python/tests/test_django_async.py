"""The asynchronous methods of sessions (Django 5.1 and later), and views that are coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import redis
from asgiref.sync import async_to_sync
from django.contrib.auth import alogin, alogout
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from support.commands import watched
from support.django_site import DJANGO, OWN, User, configured, prepare_database
from support.servers import Process
from support.web import async_client, served

from redis_session_client.django import SessionStore, aend_device, arevoke, asessions_of

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def engine(server: Process, prefix: str) -> Iterator[None]:
    with configured(server, prefix):
        yield


async def stored(**data: Any) -> SessionStore:
    session = SessionStore()
    await session.aupdate(data)
    await session.asave()
    return session


async def test_the_methods_do_what_their_synchronous_forms_do() -> None:
    session = await stored(a=1, b=2)
    found = SessionStore(session.session_key)
    assert await found.aget("a") == 1
    assert await found.apop("b") == 2
    assert await found.asetdefault("c", 3) == 3
    await found.aset("d", 4)
    await found.aset_expiry(60)
    assert await found.aget_expiry_age() == 60
    assert await found.aget_expiry_date() is not None
    await found.asave()
    found = SessionStore(session.session_key)
    assert dict(await found.aitems()) == {"a": 1, "c": 3, "d": 4, "_session_expiry": 60}
    assert await found.ahas_key("a")
    assert await found.aexists(str(found.session_key))
    with pytest.raises(CreateError):
        await found.asave(must_create=True)
    await found.aclear_expired()


async def test_concurrent_changes_are_kept() -> None:
    session = await stored(first=0)
    requests = [SessionStore(session.session_key) for _ in range(10)]
    for number, request in enumerate(requests):
        await request.aset(f"n{number}", number)
    await asyncio.gather(*(request.asave() for request in requests))
    found = dict(await SessionStore(session.session_key).aitems())
    assert found == {"first": 0, **{f"n{number}": number for number in range(10)}}


async def test_a_rotation_is_one_command(raw: redis.Redis) -> None:
    session = await stored(a=1)
    old = session.session_key
    found = SessionStore(old)
    with watched(raw) as commands:
        await found.acycle_key()
        await found.aset("b", 2)
        await found.asave()
    assert [c.split(" ")[0] for c in commands] == ["SESSION.VERIFY", "SESSION.ROTATE"]
    assert not await found.aexists(str(old))
    assert dict(await SessionStore(found.session_key).aitems()) == {"a": 1, "b": 2}


async def test_a_session_that_ended_is_never_written_again() -> None:
    session = await stored(a=1)
    key = session.session_key
    await SessionStore(key).aflush()
    await session.aset("a", 2)
    with pytest.raises(UpdateError):
        await session.asave()
    assert not await session.aexists(str(key))
    assert await session.aload() == {}


async def test_the_sessions_of_a_user_are_listed_and_ended() -> None:
    here, there, third = [await stored(_auth_user_id="7") for _ in range(3)]
    listed = await asessions_of(7, current=here)
    assert len(listed) == 3
    handle = next(d.handle for d in listed if not d.current)
    assert await aend_device(7, handle)
    assert await arevoke(7, except_=here) == 1
    assert await here.aexists(str(here.session_key))
    for other in (there, third):
        assert not await other.aexists(str(other.session_key))


@pytest.mark.parametrize("protocol", [2, 3])
def test_several_event_loops_work(protocol: int) -> None:
    session = SessionStore()
    session.save()
    for number in range(3):

        async def change(number: int) -> None:
            found = SessionStore(session.session_key)
            await found.aset(f"{protocol}-{number}", number)
            await found.asave()

        asyncio.run(change(number))
        async_to_sync(change)(number + 10)
    assert len(SessionStore(session.session_key).items()) == 6


async def show(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    data = {name: value for name, value in await request.session.aitems() if name[0] != "_"}
    return JsonResponse({"data": data, "user": user.get_username()})


async def put(request: HttpRequest) -> HttpResponse:
    for name, value in request.GET.items():
        await request.session.aset(name, value)
    return HttpResponse("put")


async def login(request: HttpRequest) -> HttpResponse:
    await alogin(request, await User.objects.aget(username="ada"))
    return HttpResponse("in")


async def logout(request: HttpRequest) -> HttpResponse:
    await alogout(request)
    return HttpResponse("out")


urlpatterns = [path("", show), path("put", put), path("login", login), path("logout", logout)]


class WithoutLifespan:
    """Django's ASGI application. It knows no lifespan, which the tests' uvicorn asks for."""

    def __init__(self) -> None:
        self._app: Any = get_asgi_application()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})


@pytest.mark.parametrize("middleware", [DJANGO, OWN], ids=["django", "own"])
async def test_asynchronous_views_under_asgi(
    server: Process, prefix: str, middleware: str, raw: redis.Redis
) -> None:
    await asyncio.to_thread(prepare_database)
    options = {
        "ROOT_URLCONF": __name__,
        "MIDDLEWARE": [middleware, "django.contrib.auth.middleware.AuthenticationMiddleware"],
    }
    with configured(server, prefix, **options), served(WithoutLifespan()) as url:
        async with async_client(url) as browser:
            await browser.get("/put", params={"cart": "7"})

            async def add(number: int) -> httpx.Response:
                return await browser.get("/put", params={f"n{number}": "1"})

            answers = await asyncio.gather(*(add(number) for number in range(10)))
            assert {answer.status_code for answer in answers} == {200}
            with watched(raw) as commands:
                await browser.get("/login")
            assert [c.split(" ")[0] for c in commands] == ["SESSION.VERIFY", "SESSION.ROTATE"]
            shown = (await browser.get("/")).json()
            assert shown["user"] == "ada"
            assert shown["data"] == {"cart": "7", **{f"n{number}": "1" for number in range(10)}}
            await browser.get("/logout")
            assert not browser.cookies
            assert (await browser.get("/")).json() == {"data": {}, "user": ""}
