"""Visit: one request's session beyond the dict, such as its user, devices and logout.

The middleware makes a Visit for each request and puts it into the scope, where `visit_of` finds it.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from ..results import Info
from ..web.frontends import Disagreement, add_headers, mark_private
from ..web.protocol import Device
from ..web.signals import Logout, tell_logout, tell_refused
from .away import for_middleware, for_route
from .carrier import Carrier
from .record import Record
from .scope import OwnScope
from .session import SessionNotLoaded
from .settings import Settings

KEY = "redis_session_client.visit"


class Visit:
    """One request or WebSocket: `visit_of(request)`.

    With the setting `lazy`, all but `load` and `loaded` raise SessionNotLoaded before `load`.
    """

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self._settings = settings
        self._backend = settings.backend
        self._carrier = Carrier(settings.frontends, self._backend.shaped, HTTPConnection(scope))
        self._record = Record(settings, self._carrier)
        self._foreign = False
        own = {"session": self._record.session, KEY: self}
        if "session" in scope:
            self.scope: Scope = OwnScope(scope, own)
        else:
            self.scope = scope
            scope.update(own)

        self._kind: str = scope["type"]

    # For routes.

    @property
    def loaded(self) -> bool:
        """Whether the session has been read. Without the setting `lazy`, always."""
        return self._record.loaded

    async def load(self) -> dict[str, Any]:
        """Reads the session, once, and returns `request.session`. Only `lazy` routes need it."""
        if not self._record.loaded:
            with for_route(self._kind):
                try:
                    await self._record.load(foreign=self._foreign)
                except Disagreement:
                    await tell_refused(self._backend, HTTPConnection(self.scope), "two_sessions")
                    raise
        return self._record.session

    @property
    def info(self) -> Info | None:
        """The session's metadata when the request came; None without a session.

        `accessed` is this request, if the server recorded it.
        """
        return self._loaded.info

    @property
    def user(self) -> str | None:
        """The session's user in the server when the request came."""
        return self.info.user if self.info else None

    def remember(self) -> None:
        """Makes the cookie outlive the browser, if this response sets one."""
        self._loaded.remember = True

    def rotate(self) -> None:
        """Makes this response give the session a new ID, even if nothing changed in it.

        It counts as a login of the session's user. Use it when users have confirmed who they are.
        """
        self._loaded.rotate = True

    async def save(self) -> None:
        """Writes the changes of `request.session` now, and not when the response begins.

        So the route itself meets the errors: Invalid where a schema refuses the data, TypeError or
        ValueError for what JSON has no form for, and Unavailable. The changes are then not written
        later either, unless the route saves again.
        """
        with for_route(self._kind):
            await self._loaded.save()

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, each with the values at `pointers`; empty without a user."""
        if self.user is None:
            return []
        with for_route(self._kind):
            return await self._backend.devices(self.user, *pointers, current=self._record.ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends the session of this user that has this handle in `devices`. False if none has."""
        if self.user is None:
            return False
        with for_route(self._kind):
            ended = await self._backend.end_device(self.user, handle)
        await self._tell_logout("device", int(ended))
        return ended

    async def end_others(self) -> int:
        """Logs the user out everywhere else, and returns how many sessions ended."""
        if self.user is None:
            return 0
        with for_route(self._kind):
            ended = await self._backend.end_all(self.user, keep=self._record.ticket)
        await self._tell_logout("others", ended)
        return ended

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too, and returns how many sessions ended."""
        if self.user is None:
            return 0
        with for_route(self._kind):
            ended = await self._backend.end_all(self.user)
        self._record.session.clear()
        await self._tell_logout("everywhere", ended)
        return ended

    @property
    def _loaded(self) -> Record:
        if not self._record.loaded:
            raise SessionNotLoaded
        # What a route does with the user or the devices depends on the session.
        self._record.session.mark_accessed()
        return self._record

    async def _tell_logout(self, how: Logout, ended: int) -> None:
        await tell_logout(self._backend, HTTPConnection(self.scope), self.user, how, ended)

    # For the middleware.

    def stand_for(self, inner: Settings) -> Scope | None:
        """The scope for a middleware inside of this one that has the same cookie; else None.

        A browser keeps one cookie of a name, so the two have one session: this Visit's.
        """
        if not self._settings.same_place(inner):
            return None
        scope = self.scope
        if scope.get("session") is self._record.session:
            return scope
        return OwnScope(scope, {"session": self._record.session})

    def same_backend(self, inner: Settings) -> bool:
        """Whether the two seem to store their sessions in one place."""
        mine, other = (getattr(s.backend, "ids", s.backend) for s in (self._settings, inner))
        return bool(getattr(mine, "prefix", mine) == getattr(other, "prefix", other))

    @property
    def comes_by_itself(self) -> bool:
        """Whether the request carries a ticket that browsers send by themselves."""
        return self._carrier.comes_by_itself

    @property
    def replaced(self) -> bool:
        """Whether a plain dict is at `scope["session"]` in the place of ours."""
        return type(self.scope.get("session")) is dict

    def ignore_ambient(self) -> None:
        """Ignores tickets that browsers send by themselves, as another site's page may."""
        self._foreign = True

    async def live(self) -> bool:
        """Whether the session that was loaded is still live and valid. Not an access."""
        return await self._record.live()

    async def begin(self) -> None:
        """Reads the session. Raises Away, or Disagreement for a request with two tickets."""
        with for_middleware():
            await self._record.load(foreign=self._foreign)

    async def finish(self, *, status: int = 200, late: bool = False) -> None:
        """Writes the changes of the dict; see Record.save. Raises Away.

        Nothing if that has failed before: the response for the error is not to fail, too.
        """
        if not self._record.failed:
            with for_middleware():
                await self._record.save(status=status, late=late)

    def end(self) -> None:
        """Drops the scope when the application has finished.

        The scope refers to this Visit. A reference back would be a cycle, and keep the whole
        request alive until Python's garbage collector runs.
        """
        self.scope = {"type": "http", "headers": [], "session": self._record.session}
        self._carrier.end()

    def add_headers(self, message: Message) -> None:
        """Adds cookies to the response's start, and keeps it from shared caches if it needs that.

        It does if the route may have looked at the session, or has changed it.
        """
        headers = self._carrier.headers
        if headers:
            add_headers(message, headers)
        if headers or self._record.session.accessed:
            mark_private(message, self._settings.frontends)


def visit_of(connection: HTTPConnection) -> Visit:
    """The Visit of a request or a WebSocket. RuntimeError without SessionMiddleware."""
    found: Any = connection.scope.get(KEY)
    if not isinstance(found, Visit):
        raise RuntimeError(
            "the application has no SessionMiddleware of redis_session_client.starlette"
        )
    return found


async def load_session(connection: HTTPConnection) -> dict[str, Any]:
    """Reads the session if it has not been read, and returns `request.session`.

    For a lazy SessionMiddleware. It is a dependency of FastAPI, too:

        Session = Annotated[dict[str, Any], Depends(load_session)]
    """
    return await visit_of(connection).load()
