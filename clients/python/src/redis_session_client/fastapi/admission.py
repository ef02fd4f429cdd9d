"""Decides whether a request may pass a guard: reads the session, checks it, picks the refusal.

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
from ..web.away import AWAY
from ..web.frontends import Disagreement
from .checks import Checks
from .exchange import Exchange
from .refusals import (
    LoginTooOld,
    OtherOrigin,
    Refusal,
    SchemaMissing,
    SessionRefused,
    SessionRequired,
    TwoSessions,
    Unavailable,
)
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

        Raises a Refusal: TwoSessions (400), SessionRequired or LoginTooOld (401), SessionRefused or
        OtherOrigin (403), SchemaMissing (500), Unavailable (503).
        """
        exchange = self.exchange(connection)
        if self.origins is not None and connection.scope["type"] == "http":
            method = connection.scope["method"]
            exchange.foreign = not self.origins.admit_method(method, connection)
        found = await self._verified(exchange, checks, no_touch)
        if checks.model is None:
            try:
                data: Any = exact_loads(found.text)
            except Unreadable as error:
                log.warning("a session's data cannot be read: %s", error)
                raise SessionRefused(reason="model") from None
        else:
            try:
                data = checks.model.model_validate_json(found.text)
            except ValidationError as error:
                places = [e["loc"] for e in error.errors(include_input=False, include_url=False)]
                log.warning("%s refuses a session's data at %s", checks.model.__name__, places)
                raise SessionRefused(reason="model", schema=checks.schema) from None
        session: LiveSession[M] = LiveSession(
            self, exchange, found, data, checks.schema, checks.model
        )
        if checks.functions and not await checks.passed_by(session):
            raise SessionRefused(reason="verifier")
        return session

    async def tell(self, refused: HTTPException, connection: HTTPConnection) -> None:
        """Sends the signal of a refusal. Guards call it when they let the exception pass."""
        if isinstance(refused, Refusal) and refused.reason is not None:
            await signals.tell_refused(self.backend, connection, refused.reason, refused.schema)

    async def _verified(
        self, exchange: Exchange, checks: Checks[Any], no_touch: bool
    ) -> DetailedSession:
        if not no_touch and (known := exchange.known(checks.schemas, checks.fresh)) is not None:
            return known
        try:
            ticket = exchange.ticket
        except Disagreement:
            raise TwoSessions("the request carries two sessions") from None
        if exchange.foreign and ticket is not None and exchange.frontend.ambient:
            raise OtherOrigin
        challenge = exchange.frontend.challenge
        if ticket is None:
            raise SessionRequired(headers={"WWW-Authenticate": challenge})
        try:
            found = await self.backend.verify(
                ticket, checks.schemas, fresh=checks.fresh, no_touch=no_touch
            )
        except Stale:
            # RFC 9470, section 3.
            raise LoginTooOld(
                headers={
                    "WWW-Authenticate": f'{challenge} error="insufficient_user_authentication", '
                    'error_description="A more recent authentication is required", '
                    f'max_age="{checks.fresh}"'
                },
            ) from None
        except Invalid as refused:
            log.warning("a session is refused: %s", refused)
            raise SessionRefused(schema=refused.schema) from None
        except (NoSchema, BadSchema) as missing:
            log.error("no session can be checked: %s", missing)
            name = missing.name if isinstance(missing, NoSchema) else None
            # A name that the guard does not know is the session's own schema, deleted meanwhile.
            # That is no fault of the route: an optional guard and a Visit go on without it.
            raise SchemaMissing(
                schema=name, of_visitor=name not in (None, *checks.schemas)
            ) from None
        except AWAY as away:
            log.error("no session can be checked: %s: %s", type(away).__name__, away)
            raise Unavailable from None
        if found is None:
            raise SessionRequired(headers={"WWW-Authenticate": challenge})
        exchange.remember(checks.schemas, checks.fresh, found)
        return found
