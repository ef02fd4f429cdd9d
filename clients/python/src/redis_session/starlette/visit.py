"""One request: the session that it came with, and what becomes of it."""

from __future__ import annotations

import logging
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from ..errors import Conflict, Invalid, NoSession, OtherUser, WrongType
from ..results import DetailedSession, Info
from ..web import Device, Frontend, find_ticket
from ..web.cookies import FOREVER
from ..web.frontends import Headers
from .changes import Change, applied, difference, json_patch, plain
from .settings import Settings

log = logging.getLogger("redis_session")

_KEY = "redis_session.visit"
_TRIES = 8
"""A patch conflicts only where an object that it goes into went away since the last look."""


class Session(dict[str, Any]):
    """`request.session`. Starlette says when a route looks at it."""

    accessed = False

    def mark_accessed(self) -> None:
        self.accessed = True


class Visit:
    """What there is to a request's session beside the dict: `visit_of(request)`."""

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self._settings = settings
        self._scope = scope
        self._connection = HTTPConnection(scope)
        self._frontend: Frontend = settings.frontends[0]
        self._headers: Headers = []
        self._ticket: str | None = None
        self._refused: str | None = None
        self._before: dict[str, Any] = {}
        self._remember = settings.remember
        self._rotate = False
        self.info: Info | None = None
        """What the server knew of the session when the request came; None if there was none."""
        scope["session"] = Session()
        scope[_KEY] = self

    # What a route may call.

    def remember(self) -> None:
        """The cookie that this response sets, if it sets one, outlives the browser."""
        self._remember = True

    def rotate(self) -> None:
        """This response gives a new ID to a session that is there, whatever has changed in it.

        It counts as a login of the session's user: for when they have shown again who they are.
        """
        self._rotate = True

    @property
    def user(self) -> str | None:
        """Whose session this was, by the server's account, when the request came."""
        return self.info.user if self.info else None

    async def devices(self, *pointers: str) -> list[Device]:
        """The user's live sessions, with what is at these pointers."""
        if self.user is None:
            return []
        return await self._settings.backend.devices(self.user, *pointers, current=self._ticket)

    async def end_device(self, handle: str) -> bool:
        """Ends that one of the user's sessions which `devices` gave this handle."""
        return self.user is not None and await self._settings.backend.end_device(self.user, handle)

    async def end_others(self) -> int:
        """Logs the user out everywhere else; how many sessions ended."""
        if self.user is None:
            return 0
        return await self._settings.backend.end_all(self.user, keep=self._ticket)

    async def end_everywhere(self) -> int:
        """Logs the user out everywhere, here too; how many sessions ended."""
        if self.user is None:
            return 0
        ended = await self._settings.backend.end_all(self.user)
        self._scope["session"].clear()
        return ended

    # What the middleware calls.

    async def load(self) -> None:
        """Reads the session. Raises Disagreement where the request carries two tickets."""
        backend = self._settings.backend
        found = find_ticket(self._settings.frontends, self._connection, backend.shaped)
        if found is None:
            return
        ticket, self._frontend = found
        live = await self._verified(ticket)
        data = live.data if live else None
        if live is None or not isinstance(data, dict):
            if live is not None:
                log.warning("a session's data is no object, so it counts as none")
                self._refused = ticket
            return
        self._ticket, self.info, self._before = ticket, live.info, data
        self._scope["session"] = Session(live.data)

    async def _verified(self, ticket: str, *, no_touch: bool = False) -> DetailedSession | None:
        schemas = [] if self._settings.schema is None else [self._settings.schema]
        try:
            return await self._settings.backend.verify(ticket, schemas, no_touch=no_touch)
        except Invalid as refused:
            log.warning("a session is refused, and counts as none: %s", refused)
            self._refused = ticket
            return None

    @property
    def ambient(self) -> bool:
        """Whether there is a session, by what other sites can make a browser send."""
        return self._ticket is not None and self._frontend.ambient

    async def live(self) -> bool:
        """Whether the session that was there still is, and still is good."""
        return self._ticket is not None and bool(await self._verified(self._ticket, no_touch=True))

    def forget(self) -> None:
        """Leaves the request without a session, and the session as it is."""
        self._ticket, self.info, self._before = None, None, {}
        self._scope["session"] = Session()

    def add_headers(self, message: Message) -> None:
        message.setdefault("headers", [])
        headers = MutableHeaders(scope=message)
        for name, value in self._headers:
            if name == "set-cookie":
                headers.append(name, value)
            else:
                headers[name] = value
        if getattr(self._scope["session"], "accessed", True):
            for frontend in self._settings.frontends:
                location = frontend.location == "cookie"
                headers.add_vary_header("Cookie" if location else frontend.name)

    async def save(self, *, late: bool = False) -> None:
        """Writes what has changed, in one command. `late` is when no header can be sent any more:
        then a session can be changed or ended, and neither made nor given a new ID."""
        settings, before = self._settings, self._before
        after = plain(self._scope["session"])
        changes = difference(before, after)
        renewed = settings.rotates(before, after, {change.path[0] for change in changes})
        rotates = not late and (renewed or self._rotate)
        lost = changes and (self._ticket is None or (after and renewed))
        if late and (lost or self._rotate):
            log.error("a session changed after its response began, and needs a cookie: not saved")
        elif self._ticket is None:
            if after:
                await self._begin(after)
        elif changes and not after:
            await settings.backend.end(self._ticket)
            self._take()
        elif settings.user_of(before) is not None and settings.user_of(after) is None:
            await self._leave(after)
        elif changes or rotates or (settings.rolling and not late):
            await self._write(changes, after, rotates)
        self._before, self._rotate = after, False

    # How it is done.

    async def _begin(self, data: dict[str, Any]) -> None:
        settings = self._settings
        ticket = await settings.backend.create(
            data,
            schema=settings.schema,
            user=settings.user_of(data),
            max_sessions=settings.max_sessions if settings.user_of(data) is not None else None,
            **settings.new,
        )
        if self._refused is not None:
            await settings.backend.end(self._refused)
        await self._give(ticket)

    async def _leave(self, data: dict[str, Any]) -> None:
        """A session keeps its user for life, so what the user leaves here goes on in another."""
        assert self._ticket is not None  # noqa: S101
        if await self._settings.backend.end(self._ticket):
            await self._begin(data)
        else:
            self._drop()

    async def _write(self, changes: list[Change], after: dict[str, Any], rotates: bool) -> None:
        settings, ticket = self._settings, self._ticket
        assert ticket is not None  # noqa: S101
        user = settings.user_of(after) if rotates else None
        login = user is not None and (self._rotate or user != settings.user_of(self._before))
        for _ in range(_TRIES):
            patch = json_patch(changes)
            try:
                if not rotates:
                    await settings.backend.patch(ticket, patch, **settings.rolled)
                elif login:
                    await self._give(
                        await settings.backend.rotate(
                            ticket,
                            patch=patch,
                            user=user,
                            max_sessions=settings.max_sessions,
                            **settings.new,
                        )
                    )
                else:
                    await self._give(
                        await settings.backend.rotate(
                            ticket, patch=patch, grace=settings.grace, **settings.rolled
                        )
                    )
                return
            except Conflict:
                changes = await self._again(ticket, changes)
            except OtherUser:
                await settings.backend.end(ticket)
                await self._begin(_own(changes))
                return
            except (NoSession, WrongType):
                if login:
                    await self._begin(_own(changes))
                else:
                    self._drop()
                return
        raise Conflict("others changed the session at the same time, again and again")

    async def _again(self, ticket: str, changes: list[Change]) -> list[Change]:
        """The same changes, for the data that there is now."""
        live = await self._settings.backend.verify(ticket, no_touch=True)
        data = live.data if live else {}
        if not isinstance(data, dict):
            raise Conflict("the session's data is no object any more")
        return difference(data, applied(changes, data))

    def _drop(self) -> None:
        log.warning("a session ended during the request; what it wrote is dropped")

    async def _give(self, ticket: str) -> None:
        age = None
        if self._remember and self._settings.rolling:
            age = FOREVER  # the server knows when it ends
        elif self._remember:
            made = await self._settings.backend.verify(ticket, no_touch=True)
            age = _seconds_left(made.info) if made else None
        self._ticket = ticket
        self._headers = self._frontend.give(ticket, age)

    def _take(self) -> None:
        self._headers = [
            header
            for frontend in self._settings.frontends
            for header in frontend.take(self._connection)
        ]
        self._ticket = None


def _own(changes: list[Change]) -> dict[str, Any]:
    """What a login begins with where the session is another's, or has ended: the members that this
    request set. What was there before is not for this user."""
    return {c.path[0]: c.value for c in changes if len(c.path) == 1 and not c.gone}


def _seconds_left(info: Info) -> int:
    """By the server's clock."""
    if info.deadline is None:
        return FOREVER
    return max(1, (info.deadline - info.accessed) // 1000)


def visit_of(connection: HTTPConnection) -> Visit:
    """The visit of a request or a WebSocket, for all that a dict cannot say."""
    found: Any = connection.scope.get(_KEY)
    if not isinstance(found, Visit):
        raise RuntimeError("the application has no SessionMiddleware of redis_session.starlette")
    return found
