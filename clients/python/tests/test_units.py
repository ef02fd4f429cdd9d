"""Parts that need no server: cookies, IDs, texts of errors, origins, the gate of a WebSocket."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from redis.exceptions import NoPermissionError, ResponseError
from starlette.requests import HTTPConnection
from starlette.types import Message
from support.servers import LIMIT, REPOSITORY

from redis_session_client import Ids, Invalid, OtherUser, SessionError, Stale, TooMany, _cluster
from redis_session_client.errors import Violation, translated
from redis_session_client.fastapi import HeaderFrontend, MemoryBackend, SessionManager
from redis_session_client.ids import hash_tag, tag_of_user
from redis_session_client.results import ListedFields
from redis_session_client.starlette import SessionMiddleware
from redis_session_client.web import CookiePolicy
from redis_session_client.web.frontends import add_headers
from redis_session_client.web.login import merge_patch
from redis_session_client.web.origins import Origins
from redis_session_client.web.sockets import SocketGate, watched

TOKEN = "L6q3nFu6KvJE_xGZEY2h7IrYk79fLUAmm418YT_l4Sc"


def test_the_key_of_a_token_is_as_documented() -> None:
    assert Ids("session:").key(TOKEN) == "session:t166e77ba05f0d331e3e8d0536853ba95"
    tagged = Ids("session:", tagged=True).key(f"3f9a.{TOKEN}")
    assert tagged == "session:{3f9a}:t166e77ba05f0d331e3e8d0536853ba95"


def test_every_other_shape_is_refused() -> None:
    plain, tagged, bare = Ids(), Ids(tagged=True), Ids(bare=True)
    for wrong in ("", TOKEN[:-1], TOKEN + "c", TOKEN[:-1] + "d", TOKEN + "\n", f"3f9a.{TOKEN}"):
        assert plain.key(wrong) is None
    for wrong in (TOKEN, f"3F9A.{TOKEN}", f"3f9.{TOKEN}", f".{TOKEN}", f"{{}}a.{TOKEN}"):
        assert tagged.key(wrong) is None
    assert bare.key("0" * 32) == "session:" + "0" * 32
    for wrong in (TOKEN, "0" * 31, "A" * 32, "0" * 33, "t" + "0" * 31):
        assert bare.key(wrong) is None


def test_a_prefix_cannot_bring_a_tag_of_its_own() -> None:
    for wrong in ("{a}:", "a*"):
        with pytest.raises(ValueError, match="prefix"):
            Ids(wrong)
    with pytest.raises(ValueError, match="four hex digits"):
        Ids(tagged=True).pattern("ada")


def test_tags_of_keys() -> None:
    assert hash_tag("a{b}c") == "b"
    assert hash_tag("a{}c") is None
    assert hash_tag("a{bc") is None
    assert hash_tag("abc") is None
    assert len(tag_of_user("ada")) == 4
    assert Ids(tagged=True).pattern_beside("session:{3f9a}:t0") == "session:{3f9a}:*"


def test_violations_are_read_from_the_text() -> None:
    error = translated(ResponseError("INVALID schema 'a': /x; y: enum; (root): required \"b\""))
    assert isinstance(error, Invalid)
    assert error.violations == (Violation("/x; y", "enum"), Violation("", 'required "b"'))
    assert error.more == 0
    error = translated(ResponseError("INVALID schema 'a': /0: not; and more"))
    assert isinstance(error, Invalid)
    assert error.violations == (Violation("/0", "not"),)
    assert error.more is None


def test_codes_become_classes_and_other_errors_stay() -> None:
    assert isinstance(translated(ResponseError("STALE no user")), Stale)
    assert type(translated(ResponseError("the data has 15 bytes"))) is SessionError
    assert type(translated(ResponseError("OTHERUSER the session has another user"))) is OtherUser
    assert type(translated(ResponseError("TOOMANY the user has 5 sessions"))) is TooMany
    for core in (ResponseError("MISCONF Redis is configured"), NoPermissionError("no")):
        assert translated(core) is core
    assert issubclass(SessionError, ResponseError)


def test_every_error_of_the_reference_becomes_an_exception_of_the_package() -> None:
    reference = (REPOSITORY / "docs" / "commands.md").read_text()
    texts = re.findall(r"`ERR ([^`]+)`", reference)
    assert len(texts) > 40
    for text in texts:
        assert type(translated(ResponseError(text))) is SessionError, text


def listed(key: str, accessed: int, created: int = 0) -> ListedFields:
    return ListedFields(key, accessed, created, {})


def keys_of(parts: list[list[ListedFields]], limit: int | None = None) -> list[str]:
    return [session.key for session in _cluster.merged(parts, limit)]


def test_lists_of_several_nodes_become_one_in_the_order_of_list() -> None:
    first = [listed("d", 9), listed("c", 5, 4), listed("f", 5, 2)]
    second = [listed("e", 7), listed("b", 5, 3), listed("a", 5, 2)]
    assert keys_of([first, second]) == ["d", "e", "c", "b", "a", "f"]
    assert keys_of([second, first]) == ["d", "e", "c", "b", "a", "f"]
    assert keys_of([first, second], 3) == ["d", "e", "c"]
    assert keys_of([first, [], first]) == ["d", "c", "f"]
    assert keys_of([first], 1) == ["d"]


def test_a_node_that_does_not_believe_a_time_in_the_future_is_followed() -> None:
    first = [listed("a", 9), listed("ahead", 999), listed("b", 3)]
    second = [listed("c", 8), listed("d", 4)]
    assert keys_of([first]) == ["a", "ahead", "b"]
    assert keys_of([first, second]) == ["a", "ahead", "c", "d", "b"]


@pytest.mark.parametrize("name", ["", "a b", "a;b", "a=b", "é", "__Host-"])
def test_names_of_cookies_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        CookiePolicy(name)


def test_a_policy_reads_only_its_own_cookie() -> None:
    policy = CookiePolicy()
    assert policy.full_name == "__Host-session"
    assert CookiePolicy("__Host-session").full_name == "__Host-session"
    assert CookiePolicy("__Host-session", insecure=True).full_name == "session"
    assert policy.read(["a=1; __Host-session=x", "__Host-session=y;b"]) == ["x", "y"]
    assert policy.read(["session=x", "__Host-session=", "__host-session=z"]) == []
    with pytest.raises(ValueError, match="needs Secure"):
        CookiePolicy(insecure=True, same_site="None")


@pytest.mark.parametrize("blank", ["\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0"])
def test_what_only_python_takes_for_whitespace_is_part_of_a_name(blank: str) -> None:
    # A neighbouring host can set a cookie of such a name, because browsers see no prefix in it.
    policy = CookiePolicy()
    planted = f"{blank}{policy.full_name}=planted"
    assert policy.read([planted, f"a=b; {planted}", f"a=b;{planted}", f"{blank} {planted}"]) == []
    assert policy.read([f"{planted};\t {policy.full_name}=own \t"]) == ["own"]


def connection(**headers: str) -> HTTPConnection:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return HTTPConnection({"type": "websocket", "headers": raw})


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://shop.test", "shop.test"),
        ("https://shop.test", "shop.test:443"),
        ("https://Shop.test:8000", "shop.TEST:8000"),
        ("http://friend.test:81", "shop.test"),
    ],
)
def test_our_own_pages_and_friends_may_open_a_socket(origin: str, host: str) -> None:
    origins = Origins({"https"}, ["http://Friend.test:81/"])
    assert origins.admit(connection(origin=origin, host=host))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "shop.test",
        "//shop.test",
        "https://",
        "http://shop.test",
        "https://shop.test.evil.test",
        "https://evil.test/shop.test",
        "https://shop.test/",
        "https://shop.test@evil.test",
        "https://evil.test@shop.test",
        "https://shop.test:80",
        "https://shop.test, https://evil.test",
        "https://[",
        "https://shop.test\xbd",
    ],
)
def test_no_other_origin_may(origin: str) -> None:
    origins = Origins({"https"}, ["http://friend.test"])
    assert not origins.admit(connection(origin=origin, host="shop.test"))
    assert not origins.admit(connection(origin=origin))


@pytest.mark.parametrize("turns", range(6))
async def test_a_message_that_comes_as_a_route_gives_up_waiting_is_not_lost(turns: int) -> None:
    came: asyncio.Queue[Message] = asyncio.Queue()
    gate = SocketGate(came.get, lambda message: came.put(message))
    waiting = asyncio.create_task(gate.receive())
    for _ in range(3):
        await asyncio.sleep(0)
    came.put_nowait({"type": "websocket.receive", "text": "hello"})
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        assert (await waiting)["text"] == "hello"
        came.put_nowait({"type": "websocket.receive", "text": "hello"})
    assert (await asyncio.wait_for(gate.receive(), LIMIT))["text"] == "hello"


async def test_a_gate_that_is_closed_tells_the_client_once_and_the_route_always() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    came: asyncio.Queue[Message] = asyncio.Queue()
    gate = SocketGate(came.get, send)
    waiting = asyncio.create_task(gate.receive())
    await asyncio.sleep(0)
    await gate.close(1008)
    await gate.close(1008)
    came.put_nowait({"type": "websocket.receive", "text": "too late"})
    for received in (await waiting, await gate.receive()):
        assert received == {"type": "websocket.disconnect", "code": 1008}
    with pytest.raises(OSError, match="ended"):
        await gate.send({"type": "websocket.send", "text": "too late"})
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_watch_ends_although_the_check_of_the_session_loses_its_cancellation() -> None:
    gate = SocketGate(asyncio.Queue[Message]().get, asyncio.Queue[Message]().put)
    lost = asyncio.Event()

    async def look() -> None:
        try:
            lost.set()
            await asyncio.sleep(LIMIT)
        except asyncio.CancelledError:
            pass  # as redis-py does before Python 3.12

    async with watched(gate, 0, look):
        await lost.wait()


def test_headers_come_to_a_response_that_has_none_and_replace_but_for_cookies() -> None:
    bare: dict[str, Any] = {"type": "http.response.start", "status": 200}
    add_headers(bare, [("set-cookie", "a=1"), ("cache-control", "no-store")])
    assert bare["headers"] == [(b"set-cookie", b"a=1"), (b"cache-control", b"no-store")]
    full: dict[str, Any] = {
        "headers": ((b"Set-Cookie", b"b=2"), (b"Cache-Control", b"public"), (b"vary", b"x"))
    }
    twice = [("set-cookie", "a=1"), ("Cache-Control", "no-store"), ("cache-control", "no-store")]
    add_headers(full, twice)
    assert full["headers"] == [
        (b"Set-Cookie", b"b=2"),
        (b"vary", b"x"),
        (b"set-cookie", b"a=1"),
        (b"cache-control", b"no-store"),
    ]


def test_merge_patch_is_rfc_7396() -> None:
    cases = [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ]
    for target, patch, merged in cases:
        assert merge_patch(target, patch) == merged


def test_contradictory_settings_are_refused() -> None:
    with pytest.raises(TypeError, match="prefix"):
        SessionManager(MemoryBackend(), prefix="x:")
    with pytest.raises(TypeError, match="policy"):
        SessionManager(MemoryBackend(), insecure=True, frontends=[HeaderFrontend()])
    with pytest.raises(TypeError, match="prefix"):
        SessionMiddleware(FastAPI(), MemoryBackend(), prefix="x:")
    with pytest.raises(TypeError, match="policy"):
        SessionMiddleware(FastAPI(), insecure=True, frontends=[HeaderFrontend()])
    with pytest.raises(TypeError, match="a list"):
        SessionManager(MemoryBackend()).socket(origins="https://friend.test")
    with pytest.raises(TypeError, match="no Pydantic model"):
        SessionManager(MemoryBackend()).required(dict)


async def test_a_guard_without_install_says_what_is_missing() -> None:
    app = FastAPI()
    sessions = SessionManager(MemoryBackend())

    @app.get("/", dependencies=[Depends(sessions.required())])
    async def route() -> None: ...

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as browser:
        with pytest.raises(RuntimeError, match="call install"):
            await browser.get("/")
