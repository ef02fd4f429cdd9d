"""Frontends of redis_session_client.fastapi over real HTTP: headers, several at once, one's own."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from starlette.requests import HTTPConnection
from support import shop
from support.servers import Process
from support.web import client, get, post, served

from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    Frontend,
    HeaderFrontend,
    RedisBackend,
    SessionManager,
)


@pytest.fixture(scope="module")
def two_fronts(server: Process, site_prefix: str) -> Iterator[str]:
    """The shop with a cookie and a header as frontends."""
    frontends = [CookieFrontend(CookiePolicy(insecure=True)), HeaderFrontend("X-Session")]
    manager = SessionManager(server.url, prefix=site_prefix, frontends=frontends)
    with served(shop.make(manager)) as url:
        yield url


def test_frontends_are_tried_in_order(two_fronts: str) -> None:
    token = post(f"{two_fronts}/login", params={"user": "ada"}).json()["ticket"]
    for headers in (
        {"cookie": f"session={token}"},
        {"x-session": token},
        {"cookie": f"session={token}", "x-session": token},
        {"cookie": "session=nonsense", "x-session": token},
    ):
        assert get(f"{two_fronts}/read", headers=headers).status_code == 200


def test_frontends_that_disagree_are_refused(two_fronts: str) -> None:
    tokens = [
        post(f"{two_fronts}/login", params={"user": user}).json()["ticket"]
        for user in ("ada", "eve")
    ]
    headers = {"cookie": f"session={tokens[0]}", "x-session": tokens[1]}
    assert get(f"{two_fronts}/read", headers=headers).status_code == 400
    assert get(f"{two_fronts}/maybe", headers=headers).status_code == 400


def test_a_new_token_goes_back_the_way_the_old_one_came(two_fronts: str) -> None:
    old = post(f"{two_fronts}/login", params={"user": "ada"}).json()["ticket"]
    reply = post(f"{two_fronts}/rotate", headers={"x-session": old})
    assert "set-cookie" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    new = reply.headers["x-session"]
    assert new != old
    assert get(f"{two_fronts}/read", headers={"x-session": new}).status_code == 200


def test_a_logout_and_a_login_in_one_request_answer_the_way_it_came(two_fronts: str) -> None:
    with client(two_fronts) as browser:
        token = browser.post("/login", params={"user": "ada"}).json()["ticket"]
        browser.cookies.clear()
        reply = browser.post("/change-user", params={"user": "bob"}, headers={"x-session": token})
        assert reply.headers["x-session"] == reply.json()["ticket"]
        assert "set-cookie" not in reply.headers


def test_a_bearer_header_is_a_frontend(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, frontends=[HeaderFrontend()])
    with served(shop.make(manager)) as url:
        reply = post(f"{url}/login", params={"user": "ada"})
        assert "set-cookie" not in reply.headers
        bearer = {"authorization": f"Bearer {reply.json()['ticket']}"}
        assert get(f"{url}/read", headers=bearer).status_code == 200
        refused = get(f"{url}/read")
        assert refused.headers["www-authenticate"] == "Bearer"
        scheme = get(f"{url}/openapi.json").json()["components"]["securitySchemes"]
        assert scheme["SessionHeader"]["scheme"] == "bearer"


class QueryFrontend(Frontend):
    """A frontend of an application: the token in the address, as in a link to a download."""

    location: Literal["cookie", "header", "query"] = "query"
    name = "ticket"
    challenge = "Ticket"
    ambient = False

    def tickets(self, connection: HTTPConnection) -> list[str]:
        return connection.query_params.getlist(self.name)

    def give(self, ticket: str, max_age: int | None) -> list[tuple[str, str]]:
        return [("x-ticket", ticket)]

    def take(self, connection: HTTPConnection) -> list[tuple[str, str]]:
        return [("x-ticket", "")]


def test_an_application_can_have_a_frontend_of_its_own(server: Process, prefix: str) -> None:
    manager = SessionManager(server.url, prefix=prefix, frontends=[QueryFrontend()])
    with served(shop.make(manager)) as url:
        ticket = post(f"{url}/login", params={"user": "ada"}).headers["x-ticket"]
        assert get(f"{url}/read", params={"ticket": ticket}).status_code == 200
        refused = get(f"{url}/read", params={"ticket": "A" * 43})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Ticket")
        out = post(f"{url}/logout", params={"ticket": ticket})
        assert out.headers["x-ticket"] == ""
        scheme = get(f"{url}/openapi.json").json()["components"]["securitySchemes"]
        assert scheme["SessionQuery"]["in"] == "query"


def test_bare_ids_where_they_are_chosen(server: Process, prefix: str) -> None:
    backend = RedisBackend(server.url, prefix=prefix, bare=True)
    with served(shop.make(SessionManager(backend, insecure=True))) as url:
        with client(url) as browser:
            ticket = browser.post("/login", params={"user": "ada"}).json()["ticket"]
            assert re.fullmatch(r"[0-9a-f]{32}", ticket)
            assert browser.get("/read").status_code == 200
            (device,) = browser.get("/devices").json()["devices"]
            assert device["handle"] != ticket
            browser.post("/rotate")
            assert browser.get("/read").status_code == 200
        refused = get(f"{url}/read", headers={"cookie": f"session={'A' * 43}"})
        assert refused.status_code == 401
