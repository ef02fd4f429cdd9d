"""A Django site before and after `sessionctl import`, with django-redis as it was.

The old site keeps its sessions in a cache of django-redis with the JSON serializer. The program
moves them. The new site answers the same cookie with the same session, and its user.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from support.commands import keys
from support.django_site import OWN, User, prepare_database, site
from support.moving import Move, Visitor, address, contents, ends_of_keys, same_end
from support.servers import Group, Process

from redis_session_client import Sessions

CACHE = "django.contrib.sessions.backends.cache"
JSON = "django_redis.serializers.json.JSONSerializer"


@pytest.fixture(scope="module")
def old_server() -> Iterator[Process]:
    """A server without the module."""
    with Group() as group:
        yield group.start(plain=True)


@pytest.fixture
def old_settings(old_server: Process) -> dict[str, Any]:
    with old_server.client() as raw:
        raw.flushall()
    cache = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": address(old_server),
        "OPTIONS": {"SERIALIZER": JSON},
    }
    return {"CACHES": {"default": cache}}


@pytest.fixture
def move(old_server: Process, server: Process, prefix: str, tmp_path: Path) -> Move:
    return Move("django", old_server, server, prefix, tmp_path)


def primary_key(name: str) -> str:
    prepare_database()
    return str(User.objects.get(username=name).pk)


@pytest.mark.parametrize("legacy", [None, CACHE], ids=["imported", "imported and legacy"])
def test_visitors_stay_logged_in(
    old_server: Process,
    server: Process,
    prefix: str,
    raw: redis.Redis,
    old_settings: dict[str, Any],
    legacy: str | None,
    move: Move,
) -> None:
    user = f"{prefix}{primary_key('ada')}"
    with old_server.client() as old:
        with site(server, prefix, SESSION_ENGINE=CACHE, **old_settings) as before:
            visitor, guest, other = (Visitor(before.url) for _ in range(3))
            for browser in (visitor, other):
                browser.send("GET", "/put?cart=[1,2]")
                browser.send("GET", "/login/ada")
            guest.send("GET", "/put?cart=[7]")
            stored, ends = contents(old), ends_of_keys(old)
            move.run()
        (found, _) = Sessions(raw).list(user)
        assert same_end(ends[0], found.info)
        options = {"imported": True, **({"legacy": legacy} if legacy else {})}
        with site(server, prefix, middleware=OWN, **options, **old_settings) as after:
            copy = visitor.copy(after.url)
            for browser in (visitor, guest, other):
                browser.turn_to(after.url)
                assert len(browser.cookies["session"]) == 32
            assert visitor.get("/")["user"] == "ada"
            assert visitor.get("/")["data"]["cart"] == [1, 2]
            assert guest.get("/")["data"] == {"cart": [7]}
            guest.send("GET", "/login/grace")
            assert len(guest.cookies["session"]) == 43
            assert guest.get("/") == {**guest.get("/"), "user": "grace"}
            assert [d["current"] for d in visitor.get("/sessions")["sessions"]].count(True) == 1
            visitor.send("GET", "/put?cart=[3]")
            assert len(keys(raw, prefix)) == 3
            visitor.send("GET", "/logout")
            assert visitor.cookies == {}
            move.run()
            assert copy.get("/")["user"] == ""
            assert copy.get("/")["data"] == {}
            assert other.get("/")["user"] == "ada"
            if legacy is None:
                # With `legacy` the old one is found again, unless it is deleted.
                assert contents(old) == stored
                assert other.get("/end-others") == {"ended": 0}
                assert Sessions(raw).revoke(user) == 1
                move.run()
                assert other.get("/")["user"] == ""


def test_the_setting_is_a_flag(server: Process, prefix: str) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from support.django_site import configured

    from redis_session_client.django.settings import read_settings

    with (
        configured(server, prefix, imported="session"),
        pytest.raises(ImproperlyConfigured, match="'imported' must be True or False"),
    ):
        read_settings()


def test_in_a_cluster(
    old_server: Process,
    cluster: list[Process],
    server: Process,
    prefix: str,
    old_settings: dict[str, Any],
    tmp_path: Path,
) -> None:
    with site(server, prefix, SESSION_ENGINE=CACHE, **old_settings) as before:
        visitor = Visitor(before.url)
        visitor.send("GET", "/put?cart=[1]")
        visitor.send("GET", "/login/ada")
    Move("django", old_server, cluster[0], prefix, tmp_path).run()
    with (
        cluster[0].cluster_client(decode_responses=True) as client,
        site(server, prefix, middleware=OWN, client=client, imported=True) as after,
    ):
        visitor.turn_to(after.url)
        assert visitor.get("/")["user"] == "ada"
        visitor.send("GET", "/cycle")
        assert visitor.cookies["session"][4] == "."
        assert visitor.get("/")["data"]["cart"] == [1]
        visitor.send("GET", "/logout")
        assert visitor.cookies == {}
