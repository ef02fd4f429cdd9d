"""The sessions of a FastAPI application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar, overload

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ValidationError
from redis.exceptions import NoPermissionError
from starlette.requests import HTTPConnection

from .._async.send import AsyncClient
from .._options import Expiry
from ..errors import BadSchema, Invalid, NoSchema, Stale
from ..results import DetailedSession
from ..web import Backend, Disagreement, Frontend
from ..web.backend import backend_of
from ..web.cookies import max_age
from ..web.frontends import frontends_of
from . import openapi
from .exchange import Exchange, ExchangeMiddleware, exchange_of
from .guard import Checks, Guard, Verifier, VisitGuard, scheme_name
from .models import schema_of
from .session import LiveSession
from .sockets import SocketGuard

log = logging.getLogger("redis_session")

M = TypeVar("M")


class SessionManager:
    """Makes the guards of routes, and installs what they need into the application.

    `backend` is a URL, a client of redis.asyncio (plain, of a Sentinel, or of a cluster), or a
    Backend such as `RedisBackend(client, prefix="shop:")` or, for unit tests, `MemoryBackend()`.

    Keys begin with `prefix`, which is `session:` if not given; the server gets users with it, too.
    `insecure` is for plain http on your own machine: the cookie then is without Secure and the
    `__Host-` prefix. `lifetime` and `idle` (seconds) are those of new sessions and of logins.
    Without `idle` the server's setting holds. With `lifetime=None` the server's holds for new
    sessions, and a login keeps the deadline of the session that the visitor had. With
    `max_sessions` a login ends the least recently used sessions of the user beyond that number.
    `register=False` makes start-up only look whether the models' schemas are in the server, and not
    register them.
    """

    def __init__(
        self,
        backend: str | AsyncClient | Backend = "redis://localhost:6379/0",
        *,
        prefix: str | None = None,
        insecure: bool = False,
        frontends: Sequence[Frontend] | None = None,
        lifetime: int | timedelta | None = timedelta(hours=6),
        idle: int | timedelta | None = None,
        max_sessions: int | None = None,
        register: bool = True,
    ) -> None:
        self.backend = backend_of(backend, prefix)
        self.frontends = frontends_of(frontends, insecure)
        self.max_sessions = max_sessions
        self.schemas: dict[str, str] = {}
        """The schemas of all models, by name."""
        self._names: set[str] = set()
        self._lifetime = lifetime
        self._idle = idle
        self._register = register
        self._scope = f"redis_session.{id(self)}"

    @property
    def expiry(self) -> Expiry:
        expiry = Expiry()
        if self._lifetime is not None:
            expiry["ex"] = self._lifetime
        if self._idle is not None:
            expiry["idle"] = self._idle
        return expiry

    # What an application calls.

    def install(self, app: FastAPI) -> None:
        """Adds cookies to the responses, the guards to OpenAPI, and the check to the start-up."""
        app.add_middleware(
            ExchangeMiddleware,
            name=self._scope,
            frontends=self.frontends,
            shaped=lambda ticket: self.backend.shaped(ticket),
        )
        openapi.describe(app, {scheme_name(frontend) for frontend in self.frontends})
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
            try:
                await self.start()
                async with inner(app) as state:
                    yield state
            finally:
                await self.backend.close()

        app.router.lifespan_context = lifespan

    @overload
    def required(self, *, fresh: int | None = None) -> Guard[Any]: ...

    @overload
    def required(
        self, model: type[M], *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[M]: ...

    @overload
    def required(
        self, model: None, *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[Any]: ...

    def required(
        self, model: type[Any] | None = None, *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[Any]:
        """A dependency that gives a LiveSession, or answers 401 or 403.

        The model's schema and those of the verifiers are checked by the server, in the round trip
        that reads the session. With `fresh`, the user must have authenticated at most so many
        seconds ago.
        """
        return Guard(self, Checks(self, model, verifiers, fresh), optional=False)

    def optional(
        self, model: type[Any] | None = None, *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[Any]:
        """The same, but the route gets None where `required` would answer 401 or 403."""
        return Guard(self, Checks(self, model, verifiers, fresh), optional=True)

    def visit(self, model: type[Any] | None = None) -> VisitGuard[Any]:
        """A dependency that gives a Visit: to begin a session, log in and log out."""
        return VisitGuard(self, Checks(self, model, ()))

    def socket(
        self,
        model: type[Any] | None = None,
        *verifiers: Verifier,
        origins: Sequence[str] = (),
        every: float = 30,
    ) -> SocketGuard[Any]:
        """The `required` of WebSockets."""
        return SocketGuard(self, Checks(self, model, verifiers), origins, every)

    # What guards call.

    def add_model(self, model: type[Any]) -> str:
        if not issubclass(model, BaseModel):
            raise TypeError(f"{model!r} is no Pydantic model")
        name, text = schema_of(model)
        self.schemas[name] = text
        return name

    def add_name(self, name: str) -> str:
        self._names.add(name)
        return name

    def exchange(self, connection: HTTPConnection) -> Exchange:
        return exchange_of(connection, self._scope)

    async def admit(
        self, connection: HTTPConnection, checks: Checks[M], *, no_touch: bool = False
    ) -> LiveSession[M]:
        """The session of this request, or the HTTPException that says why it may not pass."""
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

    async def give(self, exchange: Exchange, ticket: str, remember: bool) -> None:
        age = None
        if remember and (found := await self.backend.verify(ticket, no_touch=True)):
            age = max_age(found.info)
        exchange.give(ticket, age)

    # Start-up.

    async def missing_schemas(self) -> list[str]:
        """Which schemas that the guards name are not in the server as they should be."""
        return await self.backend.missing_schemas({**dict.fromkeys(self._names), **self.schemas})

    async def start(self) -> None:
        """Sees to it that all schemas are in the server. `install` makes start-up do this."""
        try:
            missing = await self.missing_schemas()
        except NoPermissionError:
            log.warning("may not look for schemas; requests that need a missing one will get 500")
            return
        ours = {name: text for name, text in self.schemas.items() if name in missing}
        if ours and self._register:
            try:
                await self.backend.register_schemas(ours)
                missing = [name for name in missing if name not in ours]
            except NoPermissionError:
                log.warning("may not register schemas")
        if missing:
            raise RuntimeError(
                f"the server lacks the schemas {', '.join(missing)}: those of models are "
                "registered by python -m redis_session schemas push MODULE"
            )
