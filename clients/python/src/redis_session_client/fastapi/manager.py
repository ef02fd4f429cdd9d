"""SessionManager: one object per application that makes guards, and installs what they need.

It is the top of this folder. store.py holds its settings, admission.py its checks of requests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from fastapi import FastAPI

from .._async.send import AsyncClient
from ..web.arguments import (
    check_fresh,
    check_idle,
    check_interval,
    check_lifetime,
    check_max_sessions,
)
from ..web.cookies import CookiePolicy
from ..web.devices import PresentMiddleware, TrackingBackend
from ..web.frontends import Frontend, frontends_of, takes_imported
from ..web.origins import Origins, origin_schemes
from ..web.protocol import Backend
from ..web.resolve import backend_of
from . import openapi
from .admission import Admission
from .checks import Checks, Verifier
from .guard import Guard, VisitGuard
from .middleware import ExchangeMiddleware
from .refusals import handle_exceptions
from .sockets import SocketGuard
from .startup import register_missing

if TYPE_CHECKING:
    from typing_extensions import Self

M = TypeVar("M")


class SessionManager(Admission):
    """Makes the guards of routes, and installs what they need into the application.

    `backend` is a URL, a client of redis.asyncio (plain, of a Sentinel, or of a cluster), or a
    Backend such as `RedisBackend(client, prefix="shop:")` or, for unit tests, `MemoryBackend()`.

    Keys begin with `prefix` (default `session:`), and so do the user names that the server gets.
    `insecure` is for plain http on your own machine: it drops Secure and the `__Host-` prefix from
    the cookie. `imported` is the name of the cookie that people have of another library, whose
    sessions `sessionctl import` has moved here: docs/migration.md.

    `lifetime` and `idle` (seconds) apply to new sessions and to logins. Without `idle`
    the server's setting applies. With `lifetime=None` the server's setting applies to new sessions,
    and a login keeps the deadline of the session that the visitor had. With `max_sessions` a login
    ends the user's least recently used sessions beyond that number. With `register=False` start-up
    only checks that the server has the models' schemas, and does not register them.

    `principal` names a member of the data that names the user, such as "user_id": a write that
    changes it is a login, with a new token. See docs/models.md.

    With `check_origin` a request that another site's page made the browser send neither uses the
    visitor's session nor begins one: a POST, PUT, PATCH or DELETE whose Origin is neither ours nor
    in `origins` gets 403. With `require_server=False` the application starts without a server; its
    guarded routes answer 503 until the server can be reached.

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
        imported: str | CookiePolicy | None = None,
        lifetime: int | timedelta | None = timedelta(hours=6),
        idle: int | timedelta | None = None,
        max_sessions: int | None = None,
        principal: str | None = None,
        register: bool = True,
        require_server: bool = True,
        check_origin: bool = False,
        origins: Sequence[str] = (),
        track_devices: bool = False,
    ) -> None:
        check_lifetime(lifetime)
        check_idle(idle)
        check_max_sessions(max_sessions)
        fronts = frontends_of(frontends, insecure, imported)
        stored = backend_of(backend, prefix, takes_imported(fronts))
        ours = Origins(origin_schemes(fronts), origins)
        if origins and not check_origin:
            raise ValueError("origins are for check_origin=True; a socket guard has its own")
        super().__init__(
            TrackingBackend(stored) if track_devices else stored,
            fronts,
            lifetime,
            idle,
            max_sessions,
            principal,
            ours if check_origin else None,
            register,
        )
        self._require_server = require_server

    @classmethod
    def from_environment(cls, *, env_file: str | Path | None = ".env", **arguments: Any) -> Self:
        """A manager with settings from variables such as REDIS_SESSION_URL, and from `env_file`.

        Arguments win over variables, and variables over the file. ValueError names the variable
        that is wrong. Needs the extra `settings`; docs/settings.md lists the variables.
        """
        from ..web.environment import arguments_from_environment

        return cls(**arguments_from_environment(cls, arguments, env_file))

    def install(self, app: FastAPI) -> None:
        """Adds what the guards need: the middleware, handlers of exceptions, OpenAPI, the start-up.

        A mounted FastAPI application whose routes use this manager's guards works without it. With
        it, its own document and its answers to a route's exceptions are as in the outer one.
        """
        if not isinstance(app, FastAPI):
            raise TypeError(f"install takes a FastAPI application, not a {type(app).__name__}")
        app.add_middleware(
            ExchangeMiddleware,
            name=self._scope,
            frontends=self.frontends,
            shaped=lambda ticket: self.backend.shaped(ticket),
            end=lambda ticket: self.backend.end(ticket),
        )
        if isinstance(self.backend, TrackingBackend):
            app.add_middleware(PresentMiddleware)
        handle_exceptions(app)
        openapi.describe(app)
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
            openapi.describe(app)  # again, if the application has replaced app.openapi since
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
        return Guard(self, self._checks(model, verifiers, fresh), optional=False)

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
        return Guard(self, self._checks(model, verifiers, fresh), optional=True)

    @overload
    def visit(self, model: type[M]) -> VisitGuard[M]: ...

    @overload
    def visit(self, model: None = None) -> VisitGuard[Any]: ...

    def visit(self, model: type[Any] | None = None) -> VisitGuard[Any]:
        """A dependency that gives a Visit: to begin a session, log in and log out."""
        return VisitGuard(self, self._checks(model, ()))

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
        check_interval(every, "every")
        return SocketGuard(self, self._checks(model, verifiers), origins, every)

    def _checks(
        self, model: type[Any] | None, verifiers: Sequence[Verifier], fresh: int | None = None
    ) -> Checks[Any]:
        if model is not None and not isinstance(model, type):
            hint = f"write None first: (None, {model!a})" if isinstance(model, str) else ""
            raise TypeError(
                "a guard's first argument is a Pydantic model, or None for any data; verifiers "
                f"follow it. {hint}".rstrip()
            )
        check_fresh(fresh)
        return Checks(self, model, verifiers, fresh)

    async def start(self) -> None:
        """Registers the missing schemas of models; `install` runs this at start-up.

        Raises RuntimeError if the server still lacks a schema, and what redis-py raises if the
        server cannot be reached (unless `require_server=False`) or lacks the module. If the
        connection's user may not look for schemas, only logs that.
        """
        await register_missing(self, self._require_server)
