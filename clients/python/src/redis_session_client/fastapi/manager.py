"""SessionManager: one object per application that makes guards, and installs what they need.

It is the top of this folder. store.py holds its settings, admission.py its checks of requests.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from fastapi import FastAPI
from redis.exceptions import NoPermissionError

from .._async.send import AsyncClient
from ..web.devices import PresentMiddleware, TrackingBackend
from ..web.frontends import Frontend, frontends_of
from ..web.protocol import Backend
from ..web.resolve import backend_of
from . import openapi
from .admission import Admission
from .checks import Checks, Verifier
from .exchange import ExchangeMiddleware
from .guard import Guard, VisitGuard
from .sockets import SocketGuard

if TYPE_CHECKING:
    from typing_extensions import Self

log = logging.getLogger("redis_session_client")

M = TypeVar("M")


class SessionManager(Admission):
    """Makes the guards of routes, and installs what they need into the application.

    `backend` is a URL, a client of redis.asyncio (plain, of a Sentinel, or of a cluster), or a
    Backend such as `RedisBackend(client, prefix="shop:")` or, for unit tests, `MemoryBackend()`.

    Keys begin with `prefix` (default `session:`), and so do the user names that the server gets.
    `insecure` is for plain http on your own machine: it drops Secure and the `__Host-` prefix from
    the cookie. `lifetime` and `idle` (seconds) apply to new sessions and to logins. Without `idle`
    the server's setting applies. With `lifetime=None` the server's setting applies to new sessions,
    and a login keeps the deadline of the session that the visitor had. With `max_sessions` a login
    ends the user's least recently used sessions beyond that number. With `register=False` start-up
    only checks that the server has the models' schemas, and does not register them.

    `principal` names a member of the data that names the user, such as "user_id": a write that
    changes it is a login, with a new token. See docs/models.md.

    With `track_devices` a login keeps the client's IP address and User-Agent in the session, for
    `devices()`. Routes do not see them there.
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
        principal: str | None = None,
        register: bool = True,
        track_devices: bool = False,
    ) -> None:
        stored = backend_of(backend, prefix)
        super().__init__(
            TrackingBackend(stored) if track_devices else stored,
            frontends_of(frontends, insecure),
            lifetime,
            idle,
            max_sessions,
            principal,
        )
        self._register = register

    @classmethod
    def from_environment(cls, *, env_file: str | Path | None = ".env", **arguments: Any) -> Self:
        """A manager with settings from variables such as REDIS_SESSION_URL, and from `env_file`.

        Arguments win over variables, and variables over the file. ValueError names the variable
        that is wrong. Needs the extra `settings`; docs/settings.md lists the variables.
        """
        from ..web.environment import arguments_from_environment

        return cls(**arguments_from_environment(cls, arguments, env_file))

    def install(self, app: FastAPI) -> None:
        """Adds the middleware that sets cookies, the guards' OpenAPI, and the start-up check."""
        app.add_middleware(
            ExchangeMiddleware,
            name=self._scope,
            frontends=self.frontends,
            shaped=lambda ticket: self.backend.shaped(ticket),
        )
        if isinstance(self.backend, TrackingBackend):
            app.add_middleware(PresentMiddleware)
        openapi.describe(app, {openapi.scheme_name(frontend) for frontend in self.frontends})
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

        The server checks the schemas of the model and the verifiers in the round trip that reads
        the session. With `fresh`, the user must have authenticated at most that many seconds ago.
        """
        return Guard(self, Checks(self, model, verifiers, fresh), optional=False)

    @overload
    def optional(self, *, fresh: int | None = None) -> Guard[Any]: ...

    @overload
    def optional(
        self, model: type[M], *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[M]: ...

    @overload
    def optional(
        self, model: None, *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[Any]: ...

    def optional(
        self, model: type[Any] | None = None, *verifiers: Verifier, fresh: int | None = None
    ) -> Guard[Any]:
        """Like `required`, but the route gets None instead of the visitor getting 401 or 403."""
        return Guard(self, Checks(self, model, verifiers, fresh), optional=True)

    @overload
    def visit(self, model: type[M]) -> VisitGuard[M]: ...

    @overload
    def visit(self, model: None = None) -> VisitGuard[Any]: ...

    def visit(self, model: type[Any] | None = None) -> VisitGuard[Any]:
        """A dependency that gives a Visit: to begin a session, log in and log out."""
        return VisitGuard(self, Checks(self, model, ()))

    @overload
    def socket(
        self,
        model: type[M],
        *verifiers: Verifier,
        origins: Sequence[str] = (),
        every: float = 30,
    ) -> SocketGuard[M]: ...

    @overload
    def socket(
        self,
        model: None = None,
        *verifiers: Verifier,
        origins: Sequence[str] = (),
        every: float = 30,
    ) -> SocketGuard[Any]: ...

    def socket(
        self,
        model: type[Any] | None = None,
        *verifiers: Verifier,
        origins: Sequence[str] = (),
        every: float = 30,
    ) -> SocketGuard[Any]:
        """`required` for WebSockets; see SocketGuard for `origins` and `every`."""
        return SocketGuard(self, Checks(self, model, verifiers), origins, every)

    async def start(self) -> None:
        """Registers the missing schemas of models; `install` runs this at start-up.

        Raises RuntimeError if the server still lacks a schema. If the connection's user may not
        look for schemas, only logs that.
        """
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
                "registered by python -m redis_session_client schemas push MODULE"
            )
