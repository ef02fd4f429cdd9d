"""How guards appear in the application's OpenAPI document.

FastAPI lists a dependency that is a `SecurityBase` as a security scheme, and passes on only the
scheme's name. So a guard's scheme has a name of its own, such as `SessionCookie.Cart.admin`, which
says what the guard asks for and is a valid name in OpenAPI. `describe` makes the document simpler:
it puts the plain scheme in the place of these, lists models and verifiers where OpenAPI lists
roles, and adds the responses. A document that it never sees is valid too.

This file is below the guards and imports none of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.models import APIKey, HTTPBearer
from fastapi.security.base import SecurityBase

from ..web.frontends import Frontend

LIVE, OPTIONAL = "live", "optional"
"""Notes of a guard: the route needs a live session, or works without one."""
ORIGIN = "own-origin"
"""Note of a guard: a request that changes something must come from the application's own pages."""
_KINDS = {LIVE, OPTIONAL, ORIGIN}
_SAFE = {"get", "head", "options", "trace"}

_RESPONSES = {
    "400": "The request carries two sessions",
    "401": "No live session, or none whose user authenticated recently enough",
    "403": "The session may not do this",
    "503": "The sessions cannot be reached; try again after Retry-After seconds",
}
_BODY = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {"detail": {"type": "string"}},
            "required": ["detail"],
        }
    }
}
_USUAL = {"session", "__Host-session", "__Secure-session", "authorization"}
_DESCRIBES = "_describes_sessions"


@dataclass(frozen=True)
class _Named:
    """What the name of a guard's scheme stands for."""

    plain: str
    """The name of the frontend's scheme in the finished document."""
    alternatives: tuple[str, ...]
    """The plain names of all frontends of the guard's manager: one of them is enough."""
    notes: tuple[str, ...]


_named: dict[str, _Named] = {}
"""All names of schemes that guards have, each for one meaning."""


class FrontendScheme(SecurityBase):
    """One of `frontends` (cookie or header) as an OpenAPI security scheme of a guard."""

    def __init__(
        self, frontend: Frontend, frontends: Sequence[Frontend], notes: Sequence[str]
    ) -> None:
        if frontend.challenge == "Bearer":
            self.model = HTTPBearer(description="The session's token.")
        else:
            self.model = APIKey.model_validate(
                {
                    "in": frontend.location,
                    "name": frontend.name,
                    "description": "The session's token.",
                }
            )
        alternatives = tuple(scheme_name(each) for each in frontends)
        meaning = _Named(scheme_name(frontend), alternatives, tuple(notes))
        self.scheme_name = _name_for(meaning)


class FurtherScheme(FrontendScheme):
    """The scheme of a second or later frontend. It reads nothing, because the guard does that."""

    async def __call__(self) -> None:
        return None


def scheme_name(frontend: Frontend) -> str:
    """The name in the finished document: `SessionCookie`, or `SessionCookie-name`.

    The second form is for a cookie or a header whose name is not the usual one, so that two
    managers in one application have different schemes.
    """
    plain = f"Session{frontend.location.capitalize()}"
    name = frontend.name
    usual = name in _USUAL or name.lower() in _USUAL or frontend.location == "query"
    return plain if usual else f"{plain}-{_valid(name)}"


def _valid(name: str) -> str:
    """The name with only those characters that OpenAPI allows in the name of a component."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _name_for(meaning: _Named) -> str:
    parts = [_valid(note) for note in meaning.notes if note != LIVE]
    wanted = name = ".".join([meaning.plain, *parts, "guard"])
    number = 1
    while _named.setdefault(name, meaning) != meaning:
        number += 1
        name = f"{wanted}-{number}"
    return name


def describe(app: FastAPI) -> None:
    """Makes `app.openapi()` describe the guards of all managers. Calling it again does no harm."""
    plain = app.openapi
    if getattr(plain, _DESCRIBES, False):
        return

    def openapi() -> dict[str, Any]:
        document = plain()
        describe_document(document)
        return document

    setattr(openapi, _DESCRIBES, True)
    app.openapi = openapi  # type: ignore[method-assign]


def describe_document(document: dict[str, Any]) -> None:
    """Simplifies a document that FastAPI has made, in place; see this file's first lines."""
    known: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    ours = [name for name in known if name in _named]
    for name in ours:
        known[_named[name].plain] = known.pop(name)
    if not ours:
        return
    for section in ("paths", "webhooks"):
        for path in document.get(section, {}).values():
            for method, operation in path.items():
                if isinstance(operation, dict) and "security" in operation:
                    _describe_operation(operation, method in _SAFE)


def _describe_operation(operation: dict[str, Any], safe: bool) -> None:
    roles: dict[str, list[str]] = {}
    optional: dict[tuple[str, ...], bool] = {}
    security: list[dict[str, list[str]]] = []
    refuses = False
    for entry in operation["security"]:
        named = _named.get(next(iter(entry), ""))
        if named is None:
            security.append(entry)
            continue
        found = roles.setdefault(named.plain, [])
        # OpenAPI calls this list roles; it holds the models and verifiers of the guards.
        found += [note for note in named.notes if note not in _KINDS and note not in found]
        was = optional.get(named.alternatives, True)
        optional[named.alternatives] = was and OPTIONAL in named.notes
        refuses = refuses or (LIVE in named.notes and bool(set(named.notes) - _KINDS))
        refuses = refuses or (ORIGIN in named.notes and not safe)
    if not optional:
        return
    needed = [schemes for schemes, free in optional.items() if not free]
    for chosen in product(*needed or [sum(optional, ())]):
        security.append({name: roles.get(name, []) for name in chosen})
    statuses = ["400", "401", "503"] if needed else ["400", "503"]
    if refuses:
        statuses.append("403")
    if not needed:
        security.append({})  # in OpenAPI: the operation also works without any scheme
    operation["security"] = security
    for status in statuses:
        answer = {"description": _RESPONSES[status], "content": _BODY}
        operation["responses"].setdefault(status, answer)
