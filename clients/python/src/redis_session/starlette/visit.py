"""What there is to a request's session beside the dict."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from ..results import Info
from ..web import Device
from ..web.frontends import add_headers
from .record import Record
from .settings import Settings

_KEY = "redis_session.visit"


class Session(dict[str, Any]):
    """`request.session`. Starlette says when a route looks at it, but for its earlier versions."""

    accessed = False

    def mark_accessed(self) -> None:
        self.accessed = True


@cache
def looks_are_told() -> bool:
    """Whether this Starlette says so. Where it does not, any route may have looked."""
    probe = Session()
    return HTTPConnection({"type": "http", "session": probe}).session is probe and probe.accessed


class Visit:
    """One request or WebSocket: `visit_of(request)`."""

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self._settings = settings
        self._backend = settings.backend
        self._scope = scope
        self._record = Record(settings, HTTPConnection(scope))
        scope["session"] = Session()
        scope[_KEY] = self

    # What a route may call.

    @property
    def info(self) -> Info | None:
        """What the server knew of the session when the request came; None if there was none."""
        return self._record.info

    @property
    def user(self) -> str | None:
        """Whose session this was, by the server's account, when the request came."""
        return self.info.user if self.info else None

    def remember(self) -> None:
        """The cookie that this response sets, if it sets one, outlives the browser."""
        self._record.remember = True

    def rotate(self) -> None:
        """This response gives a new ID to a session that is there, whatever has changed in it.

        It counts as a login of the session's user: for when they have shown again who they are.
        """
        self._record.rotate = True

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, with what is at these pointers."""
        if self.user is None:
            return []
        return await self._backend.devices(self.user, *pointers, current=self._record.ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends that one of the user's sessions which `devices` gave this handle."""
        return self.user is not None and await self._backend.end_device(self.user, handle)

    async def end_others(self) -> int:
        """Logs the user out everywhere else; how many sessions ended."""
        if self.user is None:
            return 0
        return await self._backend.end_all(self.user, keep=self._record.ticket)

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too; how many sessions ended."""
        if self.user is None:
            return 0
        ended = await self._backend.end_all(self.user)
        self._scope["session"].clear()
        return ended

    # What the middleware calls.

    async def load(self, *, foreign: bool = False) -> None:
        self._scope["session"] = Session(await self._record.load(foreign=foreign))

    async def live(self) -> bool:
        return await self._record.live()

    async def save(self, *, late: bool = False) -> None:
        await self._record.save(self._scope["session"], late=late)

    def end(self) -> None:
        """When the application is through. The scope has this, and if this still had the scope, all
        of the request would stay until Python's garbage collector finds the circle."""
        self._scope = {"session": self._scope["session"]}
        self._record.end()

    def add_headers(self, message: Message) -> None:
        add_headers(message, self._record.headers)
        if getattr(self._scope["session"], "accessed", True) or not looks_are_told():
            headers = MutableHeaders(scope=message)
            for frontend in self._settings.frontends:
                headers.add_vary_header(
                    "Cookie" if frontend.location == "cookie" else frontend.name
                )


def visit_of(connection: HTTPConnection) -> Visit:
    """The visit of a request or a WebSocket, for all that a dict cannot say."""
    found: Any = connection.scope.get(_KEY)
    if not isinstance(found, Visit):
        raise RuntimeError("the application has no SessionMiddleware of redis_session.starlette")
    return found
