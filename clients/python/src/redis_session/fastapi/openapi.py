"""What guards mean, in the application's OpenAPI document."""

from __future__ import annotations

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
            document = plain()
            for path in document.get("paths", {}).values():
                for operation in path.values():
                    if isinstance(operation, dict):
                        _describe(operation, schemes)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(operation: dict[str, Any], schemes: set[str]) -> None:
    security: list[dict[str, list[str]]] = operation.get("security", [])
    ours = [entry for entry in security if schemes & entry.keys()]
    if not ours:
        return
    notes: set[str] = set()
    for entry in ours:
        for name, scopes in entry.items():
            notes.update(scopes)
            entry[name] = [scope for scope in scopes if scope not in (LIVE, OPTIONAL)]
    statuses = ["400"]
    if LIVE in notes:
        statuses.append("401")
        if notes - {LIVE, OPTIONAL}:
            statuses.append("403")
    else:
        security.append({})  # in OpenAPI: without any of these, too
    for status in statuses:
        operation["responses"].setdefault(status, {"description": _RESPONSES[status]})
