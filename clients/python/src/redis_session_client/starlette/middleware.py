"""SessionMiddleware: reads the session when a request comes, writes it when the response begins.

It drives a Visit through both; record.py decides which command a change becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._async.send import AsyncClient
from ..web.devices import TrackingBackend, serving
from ..web.frontends import Disagreement, Frontend, frontends_of
from ..web.origins import Origins, origin_schemes
from ..web.protocol import Backend
from ..web.resolve import backend_of
from ..web.signals import tell_refused
from ..web.sockets import REFUSED, SocketGate, watched
from .settings import Settings
from .visit import Visit

if TYPE_CHECKING:
    from typing_extensions import Self


class SessionMiddleware:
    """Makes `request.session` a dict that is stored in the module.

        app.add_middleware(SessionMiddleware, backend="redis://localhost:6379/0")

    `backend` is a URL, a client of redis.asyncio (plain, of a Sentinel, or of a cluster), or a
    Backend. `insecure` is for plain http on your own machine: it drops Secure and the `__Host-`
    prefix from the cookie.

    A change of a top-level member in `rotate_on` gives the session a new ID; the old ID works for
    `grace` more milliseconds. `user` is the member that names the session's user, a str or an int.
    A change of it is a login: the server learns the user, so that the user's devices can be listed
    and logged out. With `max_sessions` a login ends the user's least recently used sessions beyond
    that number.

    `lifetime` and `idle` (seconds) apply to new sessions and to logins; without them the server's
    settings apply. Each request restarts the idle timeout by itself. `rolling` also sets `lifetime`
    anew in each request, which is a write. With `remember` the cookie outlives the browser. New
    sessions get the schema named `schema`; a session that does not satisfy it counts as none.

    A WebSocket from an origin that is neither ours nor in `origins` has an empty session. A
    WebSocket's session is checked every `check_every` seconds; when it has ended, the socket is
    closed with code 1008.

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
        rotate_on: Sequence[str] = ("user",),
        grace: int | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        lifetime: int | timedelta | None = None,
        idle: int | timedelta | None = None,
        rolling: bool = False,
        remember: bool = False,
        schema: str | None = None,
        origins: Sequence[str] = (),
        check_every: float = 30,
        track_devices: bool = False,
    ) -> None:
        if isinstance(rotate_on, str):
            raise TypeError("rotate_on takes a list of names")
        if rolling and lifetime is None:
            raise ValueError("rolling needs a lifetime to set anew")
        if max_sessions is not None and user is None:
            raise ValueError("max_sessions needs user, the member that names the session's user")
        self._app = app
        self._tracks, stored = track_devices, backend_of(backend, prefix)
        self._settings = Settings(
            backend=TrackingBackend(stored) if track_devices else stored,
            frontends=frontends_of(frontends, insecure),
            lifetime=lifetime,
            idle=idle,
            rolling=rolling,
            remember=remember,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            rotate_on=frozenset(rotate_on),
            grace=grace,
        )
        self._origins = Origins(origin_schemes(self._settings.frontends), origins)
        self._check_every = check_every

    @classmethod
    def from_environment(
        cls, app: ASGIApp, *, env_file: str | Path | None = ".env", **arguments: Any
    ) -> Self:
        """A middleware with settings from variables such as REDIS_SESSION_URL, and from `env_file`.

            app.add_middleware(SessionMiddleware.from_environment, user="user")

        Arguments win over variables, and variables over the file. ValueError names the variable
        that is wrong. Needs the extra `settings`; docs/settings.md lists the variables.
        """
        from ..web.environment import arguments_from_environment

        return cls(app, **arguments_from_environment(cls, arguments, env_file))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            visit = Visit(self._settings, scope)
            serve = self._request if scope["type"] == "http" else self._socket
            try:
                with serving(scope) if self._tracks else nullcontext():
                    await serve(visit, scope, receive, send)
            finally:
                visit.end()
        else:

            async def send_closed(message: Message) -> None:
                # Close before this message: after it, servers do not wait for the application.
                if message["type"].startswith("lifespan.shutdown."):
                    await self._settings.backend.close()
                await send(message)

            await self._app(scope, receive, send_closed)

    async def _request(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await visit.load()
        except Disagreement:
            await tell_refused(self._settings.backend, HTTPConnection(scope), "two_sessions")
            refusal = PlainTextResponse("the request carries two sessions", 400)
            await refusal(scope, receive, send)
            return

        async def send_saved(message: Message) -> None:
            if message["type"] == "http.response.start":
                await visit.save()
                visit.add_headers(message)
            await send(message)

        await self._app(scope, receive, send_saved)
        await visit.save(late=True)

    async def _socket(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await visit.load(foreign=not self._origins.admit(HTTPConnection(scope)))
        except Disagreement:
            await tell_refused(self._settings.backend, HTTPConnection(scope), "two_sessions")
            await send({"type": "websocket.close", "code": REFUSED})
            return

        async def look() -> int | None:
            return None if await visit.live() else REFUSED

        if visit.info is None:
            await self._app(scope, receive, send)
        else:
            gate = SocketGate(receive, send)
            async with watched(gate, self._check_every, look):
                await self._app(scope, gate.receive, gate.send)
        await visit.save(late=True)
