"""Values of `flask.session`: what is stored comes back equal, and stays patchable in the server."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import httpx
import jsonpatch
import pytest
from flask import Flask, session
from flask.json.tag import JSONTag
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from support.flask_site import FlaskMaker, FlaskSite
from support.servers import Process
from support.starlette_site import Stalled

from redis_session_client import Raw
from redis_session_client.flask import RedisSessionInterface, RedisSessions
from redis_session_client.flask.serializer import SessionSerializer
from redis_session_client.web.changes import as_json_patch

TAGS = [" t", " b", " m", " u", " d", " di", " t__", " di__"]
NAMES = st.sampled_from(TAGS) | st.text(st.characters(codec="utf-8"), max_size=4)
ZONES = st.sampled_from([timezone.utc, timezone(timedelta(hours=5, minutes=30))])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=6)
    | st.binary(max_size=6)
    | st.uuids()
    | st.datetimes(timezones=st.none() | ZONES)
    | st.text(st.characters(codec="utf-8"), max_size=6).map(Markup)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
SESSIONS = st.dictionaries(NAMES, VALUES, max_size=4)
SERIALIZER = SessionSerializer()


@pytest.fixture
def site(shared_flask: FlaskSite, prefix: str) -> FlaskSite:
    return shared_flask


def stored(value: dict[str, Any]) -> Any:
    """The session as the server has it."""
    return json.loads(json.dumps(SERIALIZER.encoded(value)))


def kinds(value: Any) -> Any:
    """The types of a value and of all in it. Python says that 1 == True, and Markup == str."""
    if isinstance(value, dict):
        return {name: kinds(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return (type(value), [kinds(item) for item in value])
    return type(value)


@given(SESSIONS)
def test_every_session_comes_back_equal(value: dict[str, Any]) -> None:
    back = SERIALIZER.decoded(stored(value))
    assert back == value
    assert kinds(back) == kinds(value)


@given(SESSIONS, SESSIONS)
def test_the_changes_of_a_session_make_the_one_of_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    old = stored(before)
    changes = SERIALIZER.changes(old, SERIALIZER.encoded(after))
    patch = json.loads(json.dumps(as_json_patch(changes)))
    assert SERIALIZER.decoded(jsonpatch.apply_patch(old, patch)) == after


@given(SESSIONS)
def test_what_did_not_change_needs_no_patch(value: dict[str, Any]) -> None:
    data = stored(value)
    assert SERIALIZER.changes(data, SERIALIZER.encoded(SERIALIZER.decoded(data))) == []


def test_flasks_own_form_of_a_datetime_is_read() -> None:
    form = {"at": {" d": "Sun, 29 Nov 2026 10:00:00 GMT"}}
    assert SERIALIZER.decoded(form) == {"at": datetime(2026, 11, 29, 10, tzinfo=timezone.utc)}


@pytest.mark.parametrize(
    "broken", [{" u": "x"}, {" d": 5}, {" d": "soon"}, {" b": [1]}, {" t": 5}, {" di": 1}]
)
def test_a_tag_that_another_client_wrote_wrongly_is_a_dict(broken: Any) -> None:
    assert SERIALIZER.decoded({"x": broken}) == {"x": broken}


def test_a_number_that_python_cannot_hold_does_not_break_the_page(
    site: FlaskSite, browser: httpx.Client
) -> None:
    browser.post("/write", json={"set": {"n": 1}})
    patch = '{"huge": 1e400, "long": ' + "9" * 5000 + "}"
    site.sessions.patch(site.key(browser), Raw(patch))
    assert browser.post("/write", json={"set": {"n": 2}}).status_code == 200
    assert site.data(browser)["n"] == 2


def test_the_stored_data_is_json_that_others_can_read(
    site: FlaskSite, browser: httpx.Client
) -> None:
    code = (
        "import datetime, uuid, markupsafe\n"
        "s['cart'] = {'7': (1, 2)}\n"
        "s['at'] = datetime.datetime(2026, 11, 29, 10, 0, 0, 5, datetime.timezone.utc)\n"
        "s['id'] = uuid.UUID(int=1)\n"
        "s['raw'] = b'x'\n"
        "s['name'] = markupsafe.Markup('<b>')\n"
    )
    assert browser.post("/write", json={"code": code}).status_code == 200
    assert site.data(browser) == {
        "cart": {"7": {" t": [1, 2]}},
        "at": {" d": "2026-11-29T10:00:00.000005+00:00"},
        "id": {" u": UUID(int=1).hex},
        "raw": {" b": "eA=="},
        "name": {" m": "<b>"},
    }
    with site.commands() as seen:
        browser.get("/read")
        browser.post("/write", json={"code": "s['cart']['7'] = (1, 2)"})
    assert [command.split(" ")[0] for command in seen] == ["SESSION.VERIFY"] * 2


def test_two_requests_never_mix_the_halves_of_a_value(
    site: FlaskSite, browser: httpx.Client
) -> None:
    browser.post("/write", json={"code": "s['x'] = (1, 2); s['n'] = 0"})
    stalled = Stalled(browser, {"code": "s['x'] = b'x'; s['n'] = 1"})
    browser.post("/write", json={"code": "s['x'] = __import__('uuid').UUID(int=1)"})
    stalled.release()
    assert site.data(browser) == {"x": {" b": "eA=="}, "n": 1}


class TagOrderedDict(JSONTag):
    """The example of Flask's documentation."""

    __slots__ = ("serializer",)
    key = " od"

    def check(self, value: Any) -> bool:
        return isinstance(value, OrderedDict)

    def to_json(self, value: Any) -> Any:
        return [[k, self.serializer.tag(v)] for k, v in value.items()]

    def to_python(self, value: Any) -> Any:
        return OrderedDict(value)


def test_a_tag_of_the_application_works_as_in_flask(server: Process, prefix: str) -> None:
    app = Flask(__name__)
    RedisSessions(app, server.url, prefix=prefix, insecure=True)
    interface = app.session_interface
    assert isinstance(interface, RedisSessionInterface)
    interface.serializer.register(TagOrderedDict, index=0)

    @app.get("/")
    def index() -> str:
        found = session.setdefault("order", OrderedDict(z=1, a=(2,)))
        return f"{type(found).__name__} {found['a']} {list(found)}"

    client = app.test_client()
    assert client.get("/").text == client.get("/").text == "OrderedDict (2,) ['z', 'a']"


def test_keys_that_are_no_text_become_text_as_in_flask(
    make_flask: FlaskMaker,
) -> None:
    site = make_flask()
    with site.browser() as browser:
        browser.post("/write", json={"code": "s['cart'] = {7: 1, None: 2, True: 3, 1.5: 4}"})
        assert site.data(browser) == {"cart": {"7": 1, "null": 2, "true": 3, "1.5": 4}}
        browser.post("/write", json={"code": "s['cart'] = {7: 1, '7': 2}"})
        assert site.data(browser) == {"cart": {"7": 2}}
