"""The exceptions with which guards refuse a request, and what `install` makes of others.

Each is an HTTPException, so FastAPI answers with `{"detail": …}`. An application that wants another
body registers an exception handler for one of the classes, or for Refusal. The log says more than
the response, because a reason can show what a session holds.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

from fastapi import FastAPI, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from ..errors import BadJSON, BadSchema, Conflict, Invalid, ModuleMissing, NoSchema, TooMany
from ..web.away import AWAY, RETRY_AFTER
from ..web.signals import Reason

log = logging.getLogger("redis_session_client")


class Refusal(HTTPException):
    """A request that a guard does not let pass. The base class."""

    status = 403
    of_visitor = True
    """Whether it is about the visitor's session. Then an optional guard goes on without one."""
    reason: Reason | None = None
    """Why, for listeners of the signal `refused`; None for an error that is no refusal."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        schema: str | None = None,
        reason: Reason | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.status, detail, dict(headers) if headers else None)
        self.schema = schema
        """The name of the schema that the session does not satisfy, or that the server lacks."""
        if reason is not None:
            self.reason = reason


class SessionRequired(Refusal):
    """401: the request carries no ticket, or that of a session that has ended."""

    status = 401
    reason: Reason | None = "no_session"


class LoginTooOld(Refusal):
    """401 with the challenge of RFC 9470: the user must log in again, because of `fresh`."""

    status = 401
    reason: Reason | None = "stale"


class SessionRefused(Refusal):
    """403: a schema, the route's model or a verifier refuses the session."""

    reason: Reason | None = "schema"


class OtherOrigin(Refusal):
    """403: another site's page made the browser send the request."""

    of_visitor = False
    reason: Reason | None = "origin"


class TwoSessions(Refusal):
    """400: the request carries two tickets; one may have been planted."""

    status = 400
    of_visitor = False
    reason: Reason | None = "two_sessions"


class SchemaMissing(Refusal):
    """500: the server lacks a schema, and the application may not or cannot register it.

    `of_visitor` if it is the session's own schema and not one that the guard names.
    """

    status = 500
    reason: Reason | None = "no_schema"

    def __init__(self, *, schema: str | None = None, of_visitor: bool = False) -> None:
        super().__init__(schema=schema)
        self.of_visitor = of_visitor


class Unavailable(Refusal):
    """503: the server is down, does not answer in time, or fails over. Try again a little later."""

    status = 503
    of_visitor = False

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(RETRY_AFTER)})


_ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Conflict: (409, "The session has changed meanwhile"),
    TooMany: (409, "The user has too many sessions"),
    Invalid: (422, "The session cannot hold this data"),
    BadJSON: (422, "The session cannot hold this data"),
    NoSchema: (500, "Internal Server Error"),
    BadSchema: (500, "Internal Server Error"),
    ModuleMissing: (500, "Internal Server Error"),
    **dict.fromkeys(AWAY, (503, "Service Unavailable")),
}
"""Exceptions that a route lets escape: the status, and the `detail` of the body."""


def handle_exceptions(app: FastAPI) -> None:
    """Answers the exceptions of sessions that a route lets escape.

    A handler that the application has for one of the classes wins, whether it was registered
    before or comes later, and so does one for a base class such as redis.RedisError.
    """
    for kind in _ANSWERS:
        app.exception_handlers.setdefault(kind, _answer)


async def _answer(connection: Request, error: Exception) -> Response:
    if connection.scope["type"] != "http":
        raise error  # a WebSocket gets no response
    if (own := _handler_of_a_base(connection, error)) is not None:
        if iscoroutinefunction(own):
            own_answer: Response = await own(connection, error)
        else:
            own_answer = await run_in_threadpool(own, connection, error)
        return own_answer
    kind = next(kind for kind in type(error).__mro__ if kind in _ANSWERS)
    status, detail = _ANSWERS[kind]
    if status >= 500:
        log.error("a request cannot be served: %s: %s", type(error).__name__, error)
    else:
        log.warning("a write to a session is refused: %s", error)
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else None
    return JSONResponse({"detail": detail}, status, headers)


def _handler_of_a_base(connection: HTTPConnection, error: Exception) -> Any:
    """The application's own handler for a base class of the error."""
    handlers: Mapping[Any, Any] = getattr(connection.scope.get("app"), "exception_handlers", {})
    for kind in type(error).__mro__:
        if kind is Exception:
            return None
        handler = handlers.get(kind)
        if handler is not None and handler is not _answer:
            return handler
    return None
