"""Visit: one request's session beyond the dict, such as its user, devices and logout.

The middleware makes a Visit for each request and puts it into the scope, where `visit_of` finds it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from ..results import Info
from ..web.frontends import add_headers
from ..web.protocol import Device
from ..web.signals import Logout, tell_logout
from .record import Record
from .settings import Settings

_KEY = "redis_session_client.visit"


class SessionDict(dict[str, Any]):
    """`request.session`. Newer versions of Starlette call `mark_accessed` when a route reads it."""

    accessed = False

    def mark_accessed(self) -> None:
        self.accessed = True


@cache
def looks_are_told() -> bool:
    """Whether this Starlette calls `mark_accessed`. If not, any route may have read the session."""
    probe = SessionDict()
    return HTTPConnection({"type": "http", "session": probe}).session is probe and probe.accessed


class Visit:
    """One request or WebSocket: `visit_of(request)`."""

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self._settings = settings
        self._backend = settings.backend
        self._scope = scope
        self._record = Record(settings, HTTPConnection(scope))
        scope["session"] = SessionDict()
        scope[_KEY] = self

    # For routes.

    @property
    def info(self) -> Info | None:
        """The session's metadata when the request came; None without a session.

        `accessed` is this request, if the server recorded it.
        """
        return self._record.info

    @property
    def user(self) -> str | None:
        """The session's user in the server when the request came."""
        return self.info.user if self.info else None

    def remember(self) -> None:
        """Makes the cookie outlive the browser, if this response sets one."""
        self._record.remember = True

    def rotate(self) -> None:
        """Makes this response give the session a new ID, even if nothing changed in it.

        It counts as a login of the session's user. Use it when users have confirmed who they are.
        """
        self._record.rotate = True

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, each with the values at `pointers`; empty without a user."""
        if self.user is None:
            return []
        return await self._backend.devices(self.user, *pointers, current=self._record.ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends the session of this user that has this handle in `devices`. False if none has."""
        if self.user is None or not await self._backend.end_device(self.user, handle):
            return False
        await self._tell_logout("device", 1)
        return True

    async def end_others(self) -> int:
        """Logs the user out everywhere else, and returns how many sessions ended."""
        if self.user is None:
            return 0
        ended = await self._backend.end_all(self.user, keep=self._record.ticket)
        await self._tell_logout("others", ended)
        return ended

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too, and returns how many sessions ended."""
        if self.user is None:
            return 0
        ended = await self._backend.end_all(self.user)
        self._scope["session"].clear()
        await self._tell_logout("everywhere", ended)
        return ended

    async def _tell_logout(self, how: Logout, ended: int) -> None:
        await tell_logout(self._backend, HTTPConnection(self._scope), self.user, how, ended)

    # For the middleware.

    async def load(self, *, foreign: bool = False) -> None:
        """Reads the session into `scope["session"]`; see Record.load."""
        self._scope["session"] = SessionDict(await self._record.load(foreign=foreign))

    async def live(self) -> bool:
        """Whether the session that was loaded is still live and valid. Not an access."""
        return await self._record.live()

    async def save(self, *, late: bool = False) -> None:
        """Writes the changes of the dict; see Record.save."""
        await self._record.save(self._scope["session"], late=late)

    def end(self) -> None:
        """Drops the scope when the application has finished.

        The scope refers to this Visit. A reference back would be a cycle, and keep the whole
        request alive until Python's garbage collector runs.
        """
        self._scope = {"session": self._scope["session"]}
        self._record.end()

    def add_headers(self, message: Message) -> None:
        """Adds cookies to the response's start, and Vary if the route may have read the session."""
        add_headers(message, self._record.headers)
        if getattr(self._scope["session"], "accessed", True) or not looks_are_told():
            headers = MutableHeaders(scope=message)
            for frontend in self._settings.frontends:
                headers.add_vary_header(
                    "Cookie" if frontend.location == "cookie" else frontend.name
                )


def visit_of(connection: HTTPConnection) -> Visit:
    """The Visit of a request or a WebSocket. RuntimeError without SessionMiddleware."""
    found: Any = connection.scope.get(_KEY)
    if not isinstance(found, Visit):
        raise RuntimeError(
            "the application has no SessionMiddleware of redis_session_client.starlette"
        )
    return found
