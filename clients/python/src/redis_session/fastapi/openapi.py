"""What guards mean, in the application's OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

from .guard import LIVE, OPTIONAL

_RESPONSES = {
    "400": "The request carries two sessions",
    "401": "No live session, or none whose user authenticated recently enough",
    "403": "The session may not do this",
}


def describe(app: FastAPI, schemes: set[str]) -> None:
    """Declares the answers of the guards in every operation that has one."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _describe(plain(), schemes)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(document: dict[str, Any], schemes: set[str]) -> None:
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
        # What OpenAPI calls roles: here the models and verifiers that the session must satisfy.
        security.append({name: [note for note in notes if note not in (LIVE, OPTIONAL)]})
    statuses = ["400"]
    if LIVE in every:
        statuses.append("401")
        if every - {LIVE, OPTIONAL}:
            statuses.append("403")
    else:
        security.append({})  # in OpenAPI: without any of these, too
    operation["security"] = security
    for status in statuses:
        operation["responses"].setdefault(status, {"description": _RESPONSES[status]})
