"""Record: a request's session in the backend. It decides which command a changed dict becomes.

One change is one command: `create`, `patch`, `rotate` or `end`. The commands carry only what the
request changed, so that concurrent requests keep each other's changes. The dict is the Record's
own: what another middleware puts at `scope["session"]` is never stored here.
"""

from __future__ import annotations

import logging
from typing import Any

from ..errors import Conflict, Invalid, NoSchema, NoSession, OtherUser, WrongType
from ..results import DetailedSession, Info
from ..web.changes import Change, applied, as_json_patch, difference, plain
from ..web.cookies import FOREVER, max_age
from ..web.signals import tell_login, tell_logout, tell_lost
from ..web.snapshot import Snapshot
from .carrier import Carrier
from .session import SessionDict, UnloadedDict, fill
from .settings import Settings

log = logging.getLogger("redis_session_client")

_TRIES = 8
"""Attempts at a patch. It conflicts only if an object on its path was removed meanwhile."""
_ERROR = 400
"""Responses with this status or a higher one log nobody in."""


class Record:
    """The session as it was read and as it is now."""

    def __init__(self, settings: Settings, carrier: Carrier) -> None:
        self._settings = settings
        self._backend = settings.backend
        self._carrier = carrier
        self._missing: str | None = None
        """The request's ticket, if it opens no session."""
        self._refused: str | None = None
        """The request's ticket, if its session counts as none because of its data."""
        self.loaded = False
        self._user: str | None = None
        """The user that the stored data names."""
        self.session: SessionDict = UnloadedDict() if settings.lazy else SessionDict()
        self._stored = Snapshot({}, codec=settings.codec)
        self.ticket: str | None = None
        self.info: Info | None = None
        self.remember = settings.remember
        self.rotate = False
        self.failed = False
        """Whether the last `save` raised an error."""

    async def load(self, *, foreign: bool = False) -> None:
        """Reads the session into the dict; it stays empty without a live and valid session.

        With `foreign` (the request comes from another site's page), a ticket that browsers send by
        themselves is ignored. Raises Disagreement if the request carries two tickets.
        """
        ticket = self._carrier.find(foreign=foreign)
        data = {} if ticket is None else await self._read(ticket)
        fill(self.session, data)
        self.loaded = True

    async def _read(self, ticket: str) -> dict[str, Any]:
        settings = self._settings
        live = await self._verified(ticket)
        if live is None:
            self._missing = ticket
            return {}
        data = settings.loads(live.text)
        if not isinstance(data, dict):
            log.warning("a session's data is no object, so it counts as none")
            self._refused = ticket
            return {}
        self.ticket, self.info = ticket, live.info
        self._stored = Snapshot(data, live.text, settings.codec)
        if settings.user is not None:
            self._user = self._user_read(data)
        return data

    def _user_read(self, data: dict[str, Any]) -> str | None:
        try:
            return self._settings.user_of(data)
        except TypeError:
            return None  # written by another client

    async def _verified(self, ticket: str, *, no_touch: bool = False) -> DetailedSession | None:
        schemas = [] if self._settings.schema is None else [self._settings.schema]
        try:
            return await self._backend.verify(ticket, schemas, no_touch=no_touch)
        except NoSchema as missing:
            # The setting's schema is one that the operator has to register. A session's own that is
            # gone would keep its visitor out for ever.
            if missing.name in schemas:
                raise
            log.warning("a session's own schema is gone, so it counts as none: %s", missing)
        except Invalid as refused:
            log.warning("a session is refused, and counts as none: %s", refused)
        self._refused = ticket
        return None

    async def live(self) -> bool:
        """Whether the session that was loaded is still live and valid. Not an access."""
        return self.ticket is not None and bool(await self._verified(self.ticket, no_touch=True))

    async def save(self, *, status: int = 200, late: bool = False) -> None:
        """Writes the changes, in one command. `status` is the response's.

        With `late` the response has begun and can carry no cookie: a session can then be changed or
        ended, but not created or rotated. Such a change is logged and lost.
        """
        if not self.loaded:
            return
        # If this fails, the response for the error is not to fail in the same way.
        self.failed = True
        changes = self._stored.changes(self.session)
        if changes or self.rotate:
            await self._save(changes, status, late)
            self._stored.move(self.session, changes)
        elif self._settings.rolling and not late and self.ticket is not None:
            await self._write(self.ticket, [])
        if self.remember and not (late or self._carrier.headers) and self._carrier.carries_old:
            await self._replace_old()
        self.rotate = self.failed = False

    async def _replace_old(self) -> None:
        """Moves the ticket from the cookie of another library, which keeps its age, to our own.

        Not after a login or a logout that another request made meanwhile: its cookie is newer.
        """
        if self.ticket is not None and await self.live():
            await self._give(self.ticket)

    async def _save(self, changes: list[Change], status: int, late: bool) -> None:
        settings, session = self._settings, self.session
        was, now = self._user, settings.user_of(session)
        renewing = [change for change in changes if change.path[0] in settings.rotate_on]
        renewed = self.rotate or was != now or bool(renewing)
        logs_in = self.rotate or now not in (was, None) or not all(map(_removes, renewing))
        empty = not session
        if late and ((changes and self.ticket is None) or (renewed and not empty)):
            log.error("a session changed after its response began, and needs a cookie: not saved")
            await self._tell_lost()
        elif status >= _ERROR and logs_in and not empty:
            log.warning("a login is not stored, because its response has status %d", status)
        elif self.ticket is None:
            if not empty:
                await self._begin_unless_retired(logs_in)
        elif changes and empty:
            ended = await self._backend.end(self.ticket)
            self._carrier.take()
            self.ticket = None
            await tell_logout(
                self._backend, self._carrier.connection, self._server_user, "logout", ended
            )
        elif was is not None and now is None:
            await self._leave(self.ticket)
        elif renewed:
            login = now if self.rotate or was != now else None
            await self._write(self.ticket, changes, rotates=True, login=login)
        else:
            await self._write(self.ticket, changes)
        self._user = now

    async def _begin_unless_retired(self, logs_in: bool) -> None:
        """Creates a session, unless the request's own has just been replaced or ended.

        A request that was sent before a login answers after it. Its cookie would take the place of
        the login's. A request that logs in itself is newer than what it carries.
        """
        missing = self._missing
        if missing is not None and not logs_in and await self._backend.retired(missing):
            await self._drop()
        else:
            await self._begin(plain(self.session, self._settings.codec))

    async def _begin(self, data: dict[str, Any]) -> None:
        user = self._settings.user_of(self.session)
        ticket = await self._backend.create(
            data,
            schema=self._settings.schema,
            user=user,
            max_sessions=self._settings.max_sessions if user is not None else None,
            **self._settings.new,
        )
        if self._refused is not None:
            await self._backend.end(self._refused)
        await self._give(ticket)
        if user is not None:
            await tell_login(self._backend, self._carrier.connection, user, ticket)

    @property
    def _server_user(self) -> str | None:
        return self.info.user if self.info else None

    async def _drop(self) -> None:
        log.warning("a session ended during the request; what it wrote is dropped")
        await self._tell_lost()

    async def _tell_logout(self, ended: bool) -> None:
        connection, user = self._carrier.connection, self._server_user
        await tell_logout(self._backend, connection, user, "logout", int(ended))

    async def _tell_lost(self) -> None:
        await tell_lost(self._backend, self._carrier.connection, self._server_user)

    async def _leave(self, ticket: str) -> None:
        """Begins a new session for data that no longer names a user: no session loses its user."""
        data = plain(self.session, self._settings.codec)
        if await self._backend.end(ticket):
            await self._tell_logout(True)
            await self._begin(data)
        else:
            await self._drop()

    async def _write(
        self, ticket: str, changes: list[Change], *, rotates: bool = False, login: str | None = None
    ) -> None:
        settings, backend = self._settings, self._backend
        for _ in range(_TRIES):
            patch = as_json_patch(changes)
            try:
                if login is not None:
                    new = await backend.rotate(
                        ticket,
                        patch=patch,
                        user=login,
                        max_sessions=settings.max_sessions,
                        **settings.new,
                    )
                    await self._give(new)
                    await tell_login(backend, self._carrier.connection, login, new)
                elif rotates:
                    new = await backend.rotate(
                        ticket, patch=patch, grace=settings.grace, **settings.rolled
                    )
                    await self._give(new)
                else:
                    await backend.patch(ticket, patch, **settings.rolled)
            except Conflict:
                changes = await self._again(ticket, changes)
                continue
            except OtherUser:
                # First the new one: if the server refuses it, nothing has ended.
                await self._begin(self._own(changes))
                await backend.end(ticket)
            except (NoSession, WrongType):
                if login is None:
                    await self._drop()
                else:
                    await self._begin(self._own(changes))
            return
        raise Conflict("others changed the session at the same time, again and again")

    def _own(self, changes: list[Change]) -> dict[str, Any]:
        """The data of a login that cannot go on with the session: the members this request set.

        The others belong to another user or to an ended session, so the user must not get them.
        """
        written = self.session.written
        kept = {name: value for name, value in dict.items(self.session) if name in written}
        changed = {c.path[0]: c.value for c in changes if len(c.path) == 1 and not c.gone}
        return {**plain(kept, self._settings.codec), **changed}

    async def _again(self, ticket: str, changes: list[Change]) -> list[Change]:
        """The same changes, computed again for the present data."""
        live = await self._backend.verify(ticket, no_touch=True)
        data = live.data if live else {}
        if not isinstance(data, dict):
            raise Conflict("the session's data is no object any more")
        return difference(data, applied(changes, data))

    async def _give(self, ticket: str) -> None:
        age = None
        if self.remember and self._settings.rolling:
            age = FOREVER  # the deadline moves with each request; the server enforces it
        elif self.remember:
            made = await self._backend.verify(ticket, no_touch=True)
            age = max_age(made.info) if made else None
        self.ticket = ticket
        self._carrier.give(ticket, age)


def _removes(change: Change) -> bool:
    """Whether the change takes a member away, such as the user at a logout."""
    return len(change.path) == 1 and (change.gone or change.value in (None, ""))
