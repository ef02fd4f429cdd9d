"""How guards appear in the application's OpenAPI document.

FastAPI lists a dependency that is a `SecurityBase` as a security scheme, and passes on only the
scheme's name. A guard therefore appends its notes (which models it checks, whether a session is
optional) to that name as JSON. `describe` reads the notes back, restores the plain names, and adds
the responses 400, 401 and 403. This file is below the guards and imports none of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.models import APIKey, HTTPBearer
from fastapi.security.base import SecurityBase

from ..web.frontends import Frontend

LIVE, OPTIONAL = "live", "optional"
"""Notes of a guard: the route needs a live session, or works without one."""

_RESPONSES = {
    "400": "The request carries two sessions",
    "401": "No live session, or none whose user authenticated recently enough",
    "403": "The session may not do this",
}


class FrontendScheme(SecurityBase):
    """A frontend (cookie or header) as an OpenAPI security scheme, named after it plus `notes`."""

    def __init__(self, frontend: Frontend, notes: Sequence[str]) -> None:
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
        self.scheme_name = f"{scheme_name(frontend)} {json.dumps(notes)}"


class FurtherScheme(FrontendScheme):
    """The scheme of a second or later frontend. It reads nothing, because the guard does that."""

    async def __call__(self) -> None:
        return None


def scheme_name(frontend: Frontend) -> str:
    """The name in the finished document, such as `SessionCookie`."""
    return f"Session{frontend.location.capitalize()}"


def describe(app: FastAPI, schemes: set[str]) -> None:
    """Makes `app.openapi()` describe the guards. `schemes` are the names of the frontends."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _describe_document(plain(), schemes)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_document(document: dict[str, Any], schemes: set[str]) -> None:
    known: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    for name in list(known):
        if name.partition(" ")[0] in schemes:
            known[name.partition(" ")[0]] = known.pop(name)
    for path in document.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and "security" in operation:
                _describe_operation(operation, schemes)


def _describe_operation(operation: dict[str, Any], schemes: set[str]) -> None:
    security: list[dict[str, list[str]]] = []
    ours: dict[str, list[str]] = {}
    for entry in operation["security"]:
        name, _, notes = next(iter(entry), "").partition(" ")
        if name not in schemes:
            security.append(entry)
            continue
        found = ours.setdefault(name, [])
        found += [note for note in json.loads(notes) if note not in found]
    if not ours:
        return
    every = {note for notes in ours.values() for note in notes}
    for name, notes in ours.items():
        # OpenAPI calls this list roles; it holds the models and verifiers that a session must pass.
        security.append({name: [note for note in notes if note not in (LIVE, OPTIONAL)]})
    statuses = ["400"]
    if LIVE in every:
        statuses.append("401")
        if every - {LIVE, OPTIONAL}:
            statuses.append("403")
    else:
        security.append({})  # in OpenAPI: the operation also works without any scheme
    operation["security"] = security
    for status in statuses:
        operation["responses"].setdefault(status, {"description": _RESPONSES[status]})
