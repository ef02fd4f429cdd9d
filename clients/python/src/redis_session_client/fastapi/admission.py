"""Decides whether a request may pass a guard: reads the session, checks it, picks the status.

Guards of routes and of WebSockets share this. The log says why a session was refused; the response
does not, because the reason can show what the session holds.
"""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from fastapi import HTTPException
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from .._json import Unreadable, exact_loads
from ..errors import BadSchema, Invalid, NoSchema, Stale
from ..results import DetailedSession
from ..web import signals
from ..web.frontends import Disagreement
from .checks import Checks
from .exchange import Exchange
from .session import LiveSession
from .store import SessionStore

log = logging.getLogger("redis_session_client")

M = TypeVar("M")


class Refusal(HTTPException):
    """A request that a guard refuses, and the reason, which only listeners of the signal get."""

    def __init__(
        self,
        status: int,
        reason: signals.Reason,
        *,
        schema: str | None = None,
        detail: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.reason: signals.Reason = reason
        self.schema = schema


class Admission(SessionStore):
    """A SessionStore that admits requests. The base of SessionManager."""

    async def admit(
        self, connection: HTTPConnection, checks: Checks[M], *, no_touch: bool = False
    ) -> LiveSession[M]:
        """The request's session, if it passes the checks.

        Raises HTTPException: 400 if the request carries two tickets, 401 without a live (or fresh
        enough) session, 403 if a check fails, 500 if the server lacks a schema.
        """
        exchange = self.exchange(connection)
        found = await self._verified(exchange, checks, no_touch)
        if checks.model is None:
            try:
                data: Any = exact_loads(found.text)
            except Unreadable as error:
                log.warning("a session's data cannot be read: %s", error)
                raise Refusal(403, "model") from None
        else:
            try:
                data = checks.model.model_validate_json(found.text)
            except ValidationError as error:
                places = [e["loc"] for e in error.errors(include_input=False, include_url=False)]
                log.warning("%s refuses a session's data at %s", checks.model.__name__, places)
                raise Refusal(403, "model", schema=checks.schema) from None
        session: LiveSession[M] = LiveSession(
            self, exchange, found, data, checks.schema, checks.model
        )
        if checks.functions and not await checks.passed_by(session):
            raise Refusal(403, "verifier")
        return session

    async def tell(self, refused: HTTPException, connection: HTTPConnection) -> None:
        """Sends the signal of a refusal. Guards call it when they let the exception pass."""
        if isinstance(refused, Refusal):
            reason, schema = refused.reason, refused.schema
            await signals.tell_refused(self.backend, connection, reason, schema)

    async def _verified(
        self, exchange: Exchange, checks: Checks[Any], no_touch: bool
    ) -> DetailedSession:
        try:
            ticket = exchange.ticket
        except Disagreement:
            raise Refusal(400, "two_sessions", detail="the request carries two sessions") from None
        challenge = exchange.frontend.challenge
        try:
            found = ticket and await self.backend.verify(
                ticket, checks.schemas, fresh=checks.fresh, no_touch=no_touch
            )
        except Stale:
            # RFC 9470, section 3.
            raise Refusal(
                401,
                "stale",
                headers={
                    "WWW-Authenticate": f'{challenge} error="insufficient_user_authentication", '
                    'error_description="A more recent authentication is required", '
                    f'max_age="{checks.fresh}"'
                },
            ) from None
        except Invalid as refused:
            log.warning("a session is refused: %s", refused)
            raise Refusal(403, "schema", schema=refused.schema) from None
        except (NoSchema, BadSchema) as missing:
            log.error("no session can be checked: %s", missing)
            name = missing.name if isinstance(missing, NoSchema) else None
            raise Refusal(500, "no_schema", schema=name) from None
        if not found:
            raise Refusal(401, "no_session", headers={"WWW-Authenticate": challenge})
        return found
