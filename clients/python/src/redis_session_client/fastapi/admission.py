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

from ..errors import BadSchema, Invalid, NoSchema, Stale
from ..results import DetailedSession
from ..web.frontends import Disagreement
from .checks import Checks
from .exchange import Exchange
from .session import LiveSession
from .store import SessionStore

log = logging.getLogger("redis_session_client")

M = TypeVar("M")


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
            data: Any = found.data
        else:
            try:
                data = checks.model.model_validate_json(found.text)
            except ValidationError as error:
                places = [e["loc"] for e in error.errors(include_input=False, include_url=False)]
                log.warning("%s refuses a session's data at %s", checks.model.__name__, places)
                raise HTTPException(403) from None
        session: LiveSession[M] = LiveSession(self, exchange, found, data, checks.schema)
        if checks.functions and not await checks.passed_by(session):
            raise HTTPException(403)
        return session

    async def _verified(
        self, exchange: Exchange, checks: Checks[Any], no_touch: bool
    ) -> DetailedSession:
        try:
            ticket = exchange.ticket
        except Disagreement:
            raise HTTPException(400, "the request carries two sessions") from None
        challenge = exchange.frontend.challenge
        try:
            found = ticket and await self.backend.verify(
                ticket, checks.schemas, fresh=checks.fresh, no_touch=no_touch
            )
        except Stale:
            # RFC 9470, section 3.
            raise HTTPException(
                401,
                headers={
                    "WWW-Authenticate": f'{challenge} error="insufficient_user_authentication", '
                    'error_description="A more recent authentication is required", '
                    f'max_age="{checks.fresh}"'
                },
            ) from None
        except Invalid as refused:
            log.warning("a session is refused: %s", refused)
            raise HTTPException(403) from None
        except (NoSchema, BadSchema) as missing:
            log.error("no session can be checked: %s", missing)
            raise HTTPException(500) from None
        if not found:
            raise HTTPException(401, headers={"WWW-Authenticate": challenge})
        return found
