"""Values in `request.session`: what JSON has no form for, codecs, and numbers of other clients."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import httpx
import pytest
import starlette_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.starlette_site import Maker, Site

from redis_session_client import Ids, Raw, Sessions
from redis_session_client.starlette import (
    Codec,
    MemoryBackend,
    plain_json,
    typed_codec,
    typed_json,
)
from redis_session_client.web.changes import applied, as_json_patch, difference, plain
from redis_session_client.web.json_patch import patched
from redis_session_client.web.snapshot import Snapshot


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


ANY_PACE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
UTC = timezone.utc
VALUES: dict[str, Any] = {
    "datetime": datetime(2026, 11, 30, 3, 15, 0, 123456, UTC),
    "naive": datetime(2026, 11, 30, 3, 15),
    "date": date(2026, 11, 30),
    "time": time(9, 30, tzinfo=timezone(timedelta(hours=2))),
    "timedelta": timedelta(days=400, seconds=0.5),
    "decimal": Decimal("19.90"),
    "uuid": UUID(int=7),
    "bytes": b"\x00\xff",
    "set": {1, "a", (2, date(2026, 1, 1))},
    "frozenset": frozenset({frozenset({1}), None}),
    "level": Level.HIGH,
    "deep": {"list": [Decimal(1), {"when": date(2026, 1, 1)}]},
}


# The codecs.


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_typed_value_comes_back_equal(value: Any) -> None:
    stored = json.dumps(plain({"value": value}, typed_json))
    found = typed_json.loads(stored)["value"]
    assert found == value
    assert type(found) is type(value) or isinstance(value, Level)


def test_an_enum_comes_back_where_its_class_is_named() -> None:
    codec = typed_codec(Color)
    data = {"color": Color.RED, "colors": {Color.RED}}
    assert codec.loads(json.dumps(plain(data, codec))) == data
    with pytest.raises(TypeError, match=r"/color is of type Color, .*typed_codec"):
        plain(data, typed_json)
    with pytest.raises(ValueError, match="same name"):
        typed_codec(Color, Color)


def test_plain_json_is_text_and_numbers() -> None:
    assert plain({**VALUES, "bytes": 0, "set": {3, 1, 2}, "color": Color.RED}, plain_json) == {
        "datetime": "2026-11-30T03:15:00.123456+00:00",
        "naive": "2026-11-30T03:15:00",
        "date": "2026-11-30",
        "time": "09:30:00+02:00",
        "timedelta": 400 * 86400 + 0.5,
        "decimal": "19.90",
        "uuid": "00000000-0000-0000-0000-000000000007",
        "bytes": 0,
        "set": [1, 2, 3],
        "frozenset": [[1], None],
        "level": 3,
        "deep": {"list": ["1", {"when": "2026-01-01"}]},
        "color": "red",
    }
    with pytest.raises(TypeError, match=r"/x is of type bytes.*plain_json has no form"):
        plain({"x": b""}, plain_json)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["$date", "$$date", "$set", "$enum", "a", "", "~/"]) | st.text("$ab"),
        inner,
        max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from(["$date", "$decimal", "a", "b", "~/"]), JSON, max_size=3)


@ANY_PACE
@given(OBJECTS)
def test_data_that_looks_tagged_comes_back_as_it_was(data: dict[str, Any]) -> None:
    assert typed_json.loads(json.dumps(plain(data, typed_json))) == data


@ANY_PACE
@given(OBJECTS, OBJECTS, st.sampled_from([None, typed_json]))
def test_the_changes_lead_from_any_state_to_any_other(
    before: dict[str, Any], after: dict[str, Any], codec: Codec | None
) -> None:
    snapshot = Snapshot(before, json.dumps(plain(before, codec)), codec)
    assert snapshot.changes(before) == []
    changes = snapshot.changes(after)
    stored = plain(before, codec)
    text = json.dumps(plain(after, codec), sort_keys=True)
    assert json.dumps(applied(changes, stored), sort_keys=True) == text
    assert json.dumps(patched(stored, as_json_patch(changes)), sort_keys=True) == text
    snapshot.move(after, changes)
    assert snapshot.changes(after) == []
    assert json.dumps(snapshot.data, sort_keys=True) == text


# What has no form in JSON.


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (Decimal(1), TypeError, "/cart/0/a~1b is of type Decimal, .* set a codec"),
        (float("nan"), ValueError, "/cart/0/a~1b is NaN or infinite"),
        (10**5000, ValueError, "/cart/0/a~1b is an int of too many digits"),
        ("\ud800", ValueError, "/cart/0/a~1b has a text with half a surrogate"),
        ({(1, 2): 3}, TypeError, "a name in .*/cart/0/a~1b is of type tuple"),
    ],
    ids=["decimal", "nan", "long", "surrogate", "name"],
)
def test_an_error_names_the_member(value: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        difference({}, {"cart": [{"a/b": value}]})


def test_what_contains_itself_is_an_error() -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    with pytest.raises(ValueError, match="contains itself"):
        difference({}, circle)


# Over HTTP.


@pytest.fixture
def typed(make: Maker) -> Site:
    return make(codec=typed_json, user="user")


SETUP = """
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
"""


def run(browser: httpx.Client, code: str) -> httpx.Response:
    return browser.post("/write", json={"code": SETUP + code})


def test_values_are_read_by_the_next_request_and_changed_one_by_one(typed: Site) -> None:
    with typed.browser() as browser:
        run(browser, "s['d'] = {'since': date(2026, 1, 1), 'price': Decimal('1.50')}; s['n'] = 1")
        with typed.commands() as seen:
            assert run(browser, "assert s['d']['since'] == date(2026, 1, 1)").status_code == 200
        assert [command.split()[0] for command in seen] == ["SESSION.VERIFY"]
        run(browser, "s['d']['price'] += 1; s['d']['since'] = datetime(2026, 1, 1)")
        assert typed.data(browser) == {
            "d": {"since": {"$datetime": "2026-01-01T00:00:00"}, "price": {"$decimal": "2.50"}},
            "n": 1,
        }
        run(browser, "s['$date'] = {'$date': 'text of a visitor'}")
        assert run(browser, "assert s['$date'] == {'$date': 'text of a visitor'}").is_success


def test_a_uuid_can_name_the_user(typed: Site) -> None:
    with typed.browser() as browser:
        run(browser, "s['user'] = UUID(int=7)")
        assert browser.get("/about").json()["user"] == str(UUID(int=7))
        with typed.commands() as seen:
            run(browser, "s['n'] = 1")
        assert "ROTATE" not in str(seen)


async def test_what_is_no_json_is_named() -> None:
    app = starlette_app.make(MemoryBackend(), insecure=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        body = {"code": SETUP + "s['cart'] = [{'price': Decimal(1)}]"}
        with pytest.raises(TypeError, match="member /cart/0/price is of type Decimal"):
            await browser.post("/write", json=body)


def test_a_route_that_saves_itself_can_answer_for_the_error(make: Maker) -> None:
    site = make()
    with site.browser() as browser:
        browser.post("/write", json={"set": {"n": 1}})
        reply = browser.post("/saves", json={"code": SETUP + "s['n'] = Decimal(1); s['m'] = 1"})
        assert (reply.status_code, reply.text) == (
            422,
            "the session's member /n is of type Decimal",
        )
        assert site.data(browser) == {"n": 1}
        with site.commands() as seen:
            assert browser.post("/saves", json={"set": {"n": 2}}).status_code == 200
        assert [command.split()[0] for command in seen] == ["SESSION.VERIFY", "SESSION.PATCH"]
        assert site.data(browser) == {"n": 2}
    with site.browser() as fresh:
        assert "session" in fresh.post("/saves", json={"set": {"n": 2}}).cookies


@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "9" * 5000, "[" + "7" * 5000 + "]"],
    ids=["inf", "-inf", "long", "list"],
)
def test_numbers_of_other_clients_fail_no_request_and_stay(make: Maker, number: str) -> None:
    site = make()
    created = site.sessions.create(f"{site.prefix}*", Raw(f'{{"big": {number}, "n": 1}}'))
    with site.browser(created.token) as browser:
        assert browser.get("/about").json()["live"] is True
        assert run(browser, "s['n'] += 1; assert s['big']").status_code == 200
        assert run(browser, "s['copy'] = s['big']").status_code == 500
    found = Sessions(site.raw).get(created.key)
    assert found is not None
    assert found.text == f'{{"big": {number}, "n": 2}}'
    assert Ids(site.prefix).key(created.token) == created.key
