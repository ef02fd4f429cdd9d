"""FastAPI's generated documents show the guards."""

from __future__ import annotations

from typing import Any

import pytest
from support import shop

from redis_session_client.fastapi import (
    CookieFrontend,
    HeaderFrontend,
    MemoryBackend,
    SessionManager,
)


@pytest.fixture
def document() -> dict[str, Any]:
    return shop.make(SessionManager(MemoryBackend())).openapi()


def test_the_cookie_is_a_security_scheme(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["SessionCookie"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "__Host-session")


def test_a_guarded_route_has_the_lock_and_the_401(document: dict[str, Any]) -> None:
    fresh = document["paths"]["/fresh"]["get"]
    assert fresh["security"] == [{"SessionCookie": []}]
    assert {"200", "400", "401", "503"} == set(fresh["responses"])


def test_a_route_with_a_model_or_a_verifier_has_the_403_too(document: dict[str, Any]) -> None:
    admin = document["paths"]["/admin"]["get"]
    assert admin["security"] == [{"SessionCookie": ["Cart", "Admin"]}]
    assert {"401", "403"} < set(admin["responses"])
    assert "403" in document["paths"]["/with-items"]["get"]["responses"]


def test_an_optional_guard_is_shown_as_optional(document: dict[str, Any]) -> None:
    for path, method in (("/maybe", "get"), ("/login", "post")):
        operation = document["paths"][path][method]
        assert operation["security"][-1] == {}
        assert "401" not in operation["responses"]
        assert "403" not in operation["responses"]


def test_a_public_route_has_none_of_this(document: dict[str, Any]) -> None:
    public = document["paths"]["/public"]["get"]
    assert "security" not in public
    assert set(public["responses"]) == {"200"}


def test_the_session_is_no_parameter_of_the_route(document: dict[str, Any]) -> None:
    assert "parameters" not in document["paths"]["/read"]["get"]
    assert "requestBody" not in document["paths"]["/read"]["get"]


def test_several_frontends_are_alternatives() -> None:
    frontends = [CookieFrontend(), HeaderFrontend("X-Session")]
    document = shop.make(SessionManager(MemoryBackend(), frontends=frontends)).openapi()
    names = {"SessionCookie", "SessionHeader-X-Session"}
    assert names == set(document["components"]["securitySchemes"])
    alternatives = document["paths"]["/fresh"]["get"]["security"]
    assert alternatives == [{"SessionCookie": []}, {"SessionHeader-X-Session": []}]


def test_the_document_is_made_once(document: dict[str, Any]) -> None:
    app = shop.make(SessionManager(MemoryBackend()))
    assert app.openapi() is app.openapi()
    assert app.openapi()["paths"]["/maybe"]["get"]["security"].count({}) == 1
    assert app.openapi() == document
