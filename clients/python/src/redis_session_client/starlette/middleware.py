"""SessionMiddleware: reads the session when a request comes, writes it when the response begins.

It drives a Visit through both; record.py decides which command a changed dict becomes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._async.send import AsyncClient
from ..web.arguments import check_interval
from ..web.cookies import CookiePolicy
from ..web.devices import serving
from ..web.frontends import Disagreement, Frontend
from ..web.json_values import Codec
from ..web.origins import Origins, origin_schemes
from ..web.protocol import Backend
from ..web.signals import Reason, tell_refused
from ..web.sockets import FAILED, REFUSED, SocketGate, watched
from .away import Away, disagreement, unavailable
from .notices import Notices
from .settings import check_flag, settings_of
from .visit import KEY, Visit

log = logging.getLogger("redis_session_client")

if TYPE_CHECKING:
    from typing_extensions import Self


class SessionMiddleware:
    """Makes `request.session` a dict that is stored in the module.

        app.add_middleware(SessionMiddleware, backend="redis://localhost:6379/0")

    `backend` is a URL, a client of redis.asyncio (plain, of a Sentinel, or of a cluster), or a
    Backend. `insecure` is for plain http on your own machine: it drops Secure and the `__Host-`
    prefix from the cookie. `imported` is the name of the cookie that people have of another
    library, whose sessions `sessionctl import` has moved here: docs/migration.md.

    A change of a top-level member in `rotate_on` gives the session a new ID; the old ID works for
    `grace` more milliseconds. `user` is the member that names the session's user, a str, an int or
    a UUID. A change of it is a login: the server learns the user, so that the user's devices can be
    listed and logged out. With `max_sessions` a login ends the user's least recently used sessions
    beyond that number. A login whose response has status 400 or above is not stored.

    `lifetime` and `idle` (seconds) apply to new sessions and to logins; without them the server's
    settings apply. Each request restarts the idle timeout by itself. `rolling` also sets `lifetime`
    anew in each request, which is a write. With `remember` the cookie outlives the browser. New
    sessions get the schema named `schema`; a session that does not satisfy it counts as none.
    `schemas` are the application's own, JSON Schemas by name: a server that lacks one gets it.

    `codec` stores values that JSON has no form for; `typed_json` and `plain_json` are ready. With
    `lazy` the session is read only when a route calls `await load_session(request)`.

    A WebSocket from an origin that is neither ours nor in `origins` has an empty session. With
    `check_origin`, a request of such an origin that may change something (any method but GET, HEAD
    and OPTIONS) and carries a cookie gets 403. A WebSocket's session is checked every `check_every`
    seconds; when it has ended, the socket is closed with code 1008.

    With `track_devices` a login (a change of the member `user`) keeps the client's IP address and
    User-Agent in the session, for `devices()`. `request.session` does not show them.
    """

    def __init__(
        self,
        app: ASGIApp,
        backend: str | AsyncClient | Backend = "redis://localhost:6379/0",
        *,
        prefix: str | None = None,
        insecure: bool = False,
        frontends: Sequence[Frontend] | None = None,
        imported: str | CookiePolicy | None = None,
        rotate_on: Sequence[str] = ("user",),
        grace: int | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        lifetime: int | timedelta | None = None,
        idle: int | timedelta | None = None,
        rolling: bool = False,
        remember: bool = False,
        schema: str | None = None,
        schemas: Mapping[str, Any] | None = None,
        codec: Codec | None = None,
        lazy: bool = False,
        origins: Sequence[str] = (),
        check_origin: bool = False,
        check_every: float = 30,
        track_devices: bool = False,
    ) -> None:
        self._app = app
        self._settings = settings_of(
            backend,
            prefix=prefix,
            insecure=insecure,
            frontends=frontends,
            imported=imported,
            rotate_on=rotate_on,
            grace=grace,
            user=user,
            max_sessions=max_sessions,
            lifetime=lifetime,
            idle=idle,
            rolling=rolling,
            remember=remember,
            schema=schema,
            schemas=schemas,
            codec=codec,
            lazy=lazy,
            track_devices=track_devices,
        )
        check_interval(check_every, "check_every")
        check_flag(check_origin, "check_origin")
        self._origins = Origins(origin_schemes(self._settings.frontends), origins)
        self._check_origin = check_origin
        self._check_every = check_every
        self._notices = Notices(self._settings)

    @classmethod
    def from_environment(
        cls, app: ASGIApp, /, *, env_file: str | Path | None = ".env", **arguments: Any
    ) -> Self:
        """A middleware with settings from variables such as REDIS_SESSION_URL, and from `env_file`.

            app.add_middleware(SessionMiddleware.from_environment, user="user")

        Arguments win over variables, and variables over the file. ValueError names the variable
        that is wrong. Needs the extra `settings`; docs/settings.md lists the variables.
        """
        from ..web.environment import arguments_from_environment

        return cls(app, **arguments_from_environment(cls, arguments, env_file))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):

            async def send_closed(message: Message) -> None:
                # Close before this message: after it, servers do not wait for the application.
                if message["type"].startswith("lifespan.shutdown."):
                    await self._settings.backend.close()
                await send(message)

            return await self._app(scope, receive, send_closed)
        outer = scope.get(KEY)
        if isinstance(outer, Visit) and (shared := outer.stand_for(self._settings)) is not None:
            self._notices.shared(outer)
            return await self._app(shared, receive, send)
        visit = Visit(self._settings, scope)
        serve = self._request if scope["type"] == "http" else self._socket
        try:
            with serving(scope) if self._settings.track_devices else nullcontext():
                await serve(visit, receive, send)
        finally:
            visit.end()

    async def _request(self, visit: Visit, receive: Receive, send: Send) -> None:
        begun = False

        async def send_saved(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                await visit.finish(status=message["status"])
                self._notices.response(visit, message)
                visit.add_headers(message)
                begun = True
            await send(message)

        scope = visit.scope
        try:
            if self._check_origin and self._is_forged(visit):
                await self._tell(scope, "origin")
                answer: Response = PlainTextResponse("another site's page sent this", 403)
                return await answer(scope, receive, send)
            if not self._settings.lazy:
                await visit.begin()
            await self._app(scope, receive, send_saved)
            return await visit.finish(late=True)
        except Disagreement:
            await self._tell(scope, "two_sessions")
            answer = disagreement()
        except Away as error:
            log.error("%s", error)
            if begun:
                return None
            answer = unavailable()
        return await answer(scope, receive, send)

    def _is_forged(self, visit: Visit) -> bool:
        connection = HTTPConnection(visit.scope)
        admitted = self._origins.admit_method(visit.scope["method"], connection)
        return not admitted and visit.comes_by_itself

    async def _tell(self, scope: Scope, reason: Reason) -> None:
        await tell_refused(self._settings.backend, HTTPConnection(scope), reason)

    async def _socket(self, visit: Visit, receive: Receive, send: Send) -> None:
        scope, lazy = visit.scope, self._settings.lazy
        gate = SocketGate(receive, send)
        if not self._origins.admit(HTTPConnection(scope)):
            visit.ignore_ambient()

        async def look() -> int | None:
            return None if not visit.loaded or await visit.live() else REFUSED

        accepts = False
        try:
            if not lazy:
                await visit.begin()
            accepts = True
            if lazy or visit.info is not None:
                async with watched(gate, self._check_every, look):
                    await self._app(scope, gate.receive, gate.send)
            else:
                await self._app(scope, receive, send)
            await visit.finish(late=True)
        except Disagreement:
            await self._tell(scope, "two_sessions")
            await gate.close(REFUSED)
        except Away as error:
            log.error("%s", error)
            if not accepts and "websocket.http.response" in (scope.get("extensions") or ()):
                await unavailable()(scope, receive, send)
            else:
                await gate.close(FAILED)
