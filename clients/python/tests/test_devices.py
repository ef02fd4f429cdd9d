"""Devices with address and user agent: kept by logins, shown in lists, hidden from routes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import redis
import starlette_app
from fastapi import Body, Depends, FastAPI
from pydantic import BaseModel, ConfigDict, RootModel, StringConstraints
from support.servers import Process
from support.web import client, served

from redis_session_client import Invalid, Raw, Sessions, key_of_token
from redis_session_client.fastapi import MemoryBackend, SessionManager, schema_of
from redis_session_client.web.device_member import allow_member, joined, split
from redis_session_client.web.devices import TrackingBackend, serving

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


class Forbids(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "nobody"
    n: int = 0


class Allows(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = "nobody"
    n: int = 0


class Ignores(BaseModel):
    name: str = "nobody"
    n: int = 0


def application(sessions: SessionManager, model: Any) -> FastAPI:
    app = FastAPI()
    sessions.install(app)
    current, someone = sessions.required(model), sessions.visit(model)

    async def login(visit: Annotated[Any, Depends(someone)]) -> None:
        await visit.login("ada", {"name": "ada"})

    async def login_whole(visit: Annotated[Any, Depends(someone)]) -> None:
        await visit.login("ada", model(name="whole"))

    async def begin(visit: Annotated[Any, Depends(someone)]) -> None:
        await visit.save({"n": 7})

    async def read(session: Annotated[Any, Depends(current)]) -> Any:
        return {"data": session.data, "text": session.text}

    async def replace(session: Annotated[Any, Depends(current)]) -> Any:
        return await session.replace(model(name="replaced"))

    async def patch(
        changes: Annotated[Any, Body()], session: Annotated[Any, Depends(current)]
    ) -> Any:
        try:
            return await session.patch(changes)
        except Invalid as refused:
            return str(refused)

    async def pop(session: Annotated[Any, Depends(current)]) -> Any:
        return await session.pop("/_device", "/_device/ip")

    async def devices(session: Annotated[Any, Depends(current)]) -> Any:
        return await session.devices("/name", "/_device/ip")

    for route in (login, login_whole, begin, replace, patch, pop):
        app.post(f"/{route.__name__}")(route)
    for route in (read, devices):
        app.get(f"/{route.__name__}")(route)
    return app


@contextmanager
def site(server: Process, prefix: str, model: Any) -> Iterator[httpx.Client]:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True, track_devices=True)
    with served(application(sessions, model)) as url, client(url) as browser:
        browser.headers["user-agent"] = AGENT
        yield browser


def stored(raw: redis.Redis, prefix: str, browser: httpx.Client) -> Any:
    found = Sessions(raw).get(key_of_token(prefix, browser.cookies["session"]))
    assert found is not None
    return found.data


@pytest.mark.parametrize("model", [Forbids, Allows, Ignores])
def test_a_device_shows_where_the_user_logged_in(
    server: Process, prefix: str, raw: redis.Redis, model: Any
) -> None:
    with site(server, prefix, model) as browser:
        browser.post("/begin").raise_for_status()
        assert "_device" not in stored(raw, prefix, browser)
        browser.post("/login").raise_for_status()
        (device,) = browser.get("/devices").json()
        assert (device["ip"], device["agent"]) == ("127.0.0.1", AGENT)
        assert device["values"] == {"/name": "ada"}
        assert stored(raw, prefix, browser)["_device"] == {"ip": "127.0.0.1", "agent": AGENT}
        read = browser.get("/read").json()
        assert read["data"] == json.loads(read["text"]) == {"name": "ada", "n": 7}


@pytest.mark.parametrize("model", [Forbids, Allows, Ignores])
def test_writes_of_whole_models_keep_it(
    server: Process, prefix: str, raw: redis.Redis, model: Any
) -> None:
    with site(server, prefix, model) as browser:
        browser.post("/login_whole").raise_for_status()
        assert browser.post("/replace").json() is True
        assert browser.get("/read").json()["data"] == {"name": "replaced", "n": 0}
        whole = [{"op": "replace", "path": "", "value": {"name": "patched", "n": 1}}]
        assert browser.post("/patch", json=whole).json() is True
        assert browser.get("/read").json()["data"] == {"name": "patched", "n": 1}
        (device,) = browser.get("/devices").json()
        assert device["ip"] == "127.0.0.1"
        # A second login names the device of that login.
        browser.headers["user-agent"] = "other"
        browser.post("/login_whole").raise_for_status()
        (device,) = browser.get("/devices").json()
        assert device["agent"] == "other"


@pytest.mark.parametrize(
    "changes",
    [
        {"_device": {"ip": "10.0.0.1"}},
        {"_device": None},
        [{"op": "add", "path": "/_device", "value": {}}],
        [{"op": "remove", "path": "/_device/ip"}],
        [{"op": "copy", "from": "/_device/ip", "path": "/name"}],
        [{"op": "replace", "path": "", "value": {"_device": {}}}],
    ],
)
def test_a_patch_cannot_forge_it(
    server: Process, prefix: str, raw: redis.Redis, changes: Any
) -> None:
    with site(server, prefix, Ignores) as browser:
        browser.post("/login").raise_for_status()
        assert "'_device' is kept by track_devices" in browser.post("/patch", json=changes).json()
        assert browser.post("/pop").json() == {}
        assert stored(raw, prefix, browser)["_device"] == {"ip": "127.0.0.1", "agent": AGENT}


def test_a_forwarded_address_is_believed_only_by_the_server(server: Process, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True, track_devices=True)
    app = application(sessions, Ignores)
    for trusted, shown in (("", "127.0.0.1"), ("127.0.0.1", "203.0.113.7")):
        options = {"proxy_headers": bool(trusted), "forwarded_allow_ips": trusted or None}
        with served(app, **options) as url, client(url) as browser:
            headers = {"X-Forwarded-For": "203.0.113.7", "User-Agent": "x" * 5000}
            browser.post("/login", headers=headers).raise_for_status()
            current = [d for d in browser.get("/devices").json() if d["current"]]
            assert [d["ip"] for d in current] == [shown]
            assert current[0]["agent"] == "x" * 256


def test_the_middleware_shows_it_in_devices_only(
    server: Process, prefix: str, raw: redis.Redis
) -> None:
    options: dict[str, Any] = {"backend": server.url, "prefix": prefix, "insecure": True}
    app = starlette_app.make(**options, user="user", track_devices=True)
    with served(app) as url, client(url) as browser:
        browser.post("/write", json={"set": {"cart": [1]}})
        browser.post("/write", json={"set": {"user": "ada"}})
        assert browser.get("/read").json() == {"cart": [1], "user": "ada"}
        browser.post("/write", json={"set": {"cart": []}})
        device = stored(raw, prefix, browser)["_device"]
        assert device["ip"] == "127.0.0.1"
        assert device["agent"].startswith("python-httpx")


async def test_a_login_outside_of_a_request_has_no_device() -> None:
    backend = TrackingBackend(MemoryBackend())
    await backend.create({"n": 1}, user="ada")
    (device,) = await backend.devices("ada", "/n")
    assert (device.values, device.ip, device.agent) == ({"/n": 1}, None, None)


async def test_a_login_from_an_unknown_address_removes_the_former_one() -> None:
    backend = TrackingBackend(MemoryBackend())
    ticket = await backend.create({}, user="ada")
    known: dict[str, Any] = {"client": ("10.0.0.1", 1), "headers": [(b"user-agent", b"a")]}
    unknown: dict[str, Any] = {"client": None, "headers": []}
    for scope, shown in ((known, ("10.0.0.1", "a")), (unknown, (None, None))):
        with serving(scope):
            await backend.verify(ticket)
            ticket = await backend.rotate(ticket, user="ada", patch={"n": 1})
        (device,) = await backend.devices("ada")
        assert (device.ip, device.agent) == shown


async def test_data_that_is_no_object_has_no_device() -> None:
    backend = TrackingBackend(MemoryBackend())
    scope: dict[str, Any] = {"client": ("10.0.0.1", 1), "headers": []}
    with serving(scope):
        ticket = await backend.create([1])
        await backend.verify(ticket)
        ticket = await backend.rotate(ticket, user="ada")
        found = await backend.verify(ticket)
    assert found is not None
    assert found.data == [1]


@pytest.mark.parametrize(
    ("text", "rest", "value"),
    [
        ('{"_device":{"ip":"x"}}', "{}", '{"ip":"x"}'),
        ('{"a":1,"_device":2}', '{"a":1}', "2"),
        ('{"_device" : 2 , "a":1e999}', '{"a":1e999}', "2"),
        ('{"a":1, "_device":[{}] ,"b":2}', '{"a":1, "b":2}', "[{}]"),
        ('{"a":{"_device":2}}', '{"a":{"_device":2}}', None),
        ('["_device"]', '["_device"]', None),
        ('{"a":"\\"_device\\":1"}', '{"a":"\\"_device\\":1"}', None),
    ],
)
def test_the_member_is_cut_out_of_the_text(text: str, rest: str, value: str | None) -> None:
    assert split(text) == (rest, value)
    if value is not None:
        assert split(joined(rest, value)) == (rest, value)


def test_numbers_of_any_size_stay_as_they_are() -> None:
    long = "9" * 5000
    assert split(f'{{"n":{long},"_device":1}}') == (f'{{"n":{long}}}', "1")


class Node(BaseModel):
    model_config = ConfigDict(extra="forbid")
    next: "Node | None" = None


class Either(RootModel[Forbids | Node]):
    pass


class Named(RootModel[dict[Annotated[str, StringConstraints(pattern=r"^\w+$")], int]]):
    pass


class Counts(RootModel[dict[str, int]]):
    pass


@pytest.mark.parametrize("model", [Forbids, Allows, Ignores, Node, Either, Named, Counts])
def test_the_schema_of_any_model_allows_the_member(server: Process, model: Any) -> None:
    name, text = schema_of(model)
    with server.client() as raw:
        sessions = Sessions(raw)
        sessions.schema_set(name, Raw(text), assert_format=True)
        member = {"_device": {"ip": "10.0.0.1", "agent": AGENT}}
        key = f"{name}:1"
        sessions.create_as(key, member, schema=name)
        assert sessions.delete(key) == 1


def test_a_schema_is_changed_only_where_it_restricts_members() -> None:
    schema = {"type": "object", "properties": {"a": {"additionalProperties": False}}}
    assert allow_member(schema) == schema


def test_the_program_of_the_page(server: Process, prefix: str) -> None:
    page = (Path(__file__).parent.parent / "docs" / "devices.md").read_text()
    (source,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    options = f'"{server.url}", prefix="{prefix}", insecure=True,'
    space: dict[str, Any] = {}
    source = source.replace('"redis://localhost:6379/0",', options)
    exec(compile(source, "devices", "exec", dont_inherit=True), space)  # noqa: S102
    with served(space["app"]) as url, client(url) as browser, client(url) as other:
        for one, agent in ((browser, "A"), (other, "B")):
            one.post("/login", params={"user": "ada"}, headers={"User-Agent": agent})
        shown = {d["agent"]: d for d in browser.get("/devices").json()}
        assert {agent: d["here"] for agent, d in shown.items()} == {"A": True, "B": False}
        assert browser.post("/devices/end", params={"handle": shown["B"]["handle"]}).json() is True
        assert other.get("/devices").status_code == 401


def test_a_schema_of_your_own_has_to_allow_the_member_as_the_page_says() -> None:
    member = {"_device": {"type": "object"}}
    own = {"additionalProperties": False, "properties": {"n": {}, **member}}
    assert allow_member(own)["properties"] == own["properties"]
