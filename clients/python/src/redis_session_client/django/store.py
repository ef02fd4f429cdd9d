"""SessionStore: Django's interface to sessions of the module.

The session key is the cookie: a token that the server made, and of which it keeps only a hash. So a
key is never chosen here, and a made-up cookie never becomes a session. `cycle_key` waits for the
next save, or for whoever asks for the key first: a login is then one command.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.utils import timezone

from ..errors import NoSession
from .connection import connection
from .record import Kept, Records, Written, log
from .serializer import check_serializer, plain, read


class SessionStore(SessionBase):
    """A session in the server: `SESSION_ENGINE = "redis_session_client.django"`.

    As Django's own engines, with these differences. `save` sends what was changed, and not the
    whole; two requests that change different members both keep their change. A session that the
    server has ended is never written again (UpdateError). A server that is away is an exception
    (Unavailable), and not an empty session.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        check_serializer(self.serializer)
        self._records = Records(connection())
        self._kept: Kept | None = None
        self._rotating = False
        # A key that is too short for any session is missing from the start.
        self._lost = session_key if session_key and self._session_key is None else None
        self.superseded = False
        """Whether `save` was refused because the request's cookie is from before a login or a
        logout of the last minute."""
        self.expiry_set = False
        """Whether the request has called `set_expiry`, so that the cookie may need a new age."""

    if TYPE_CHECKING:

        def _get_session(self, no_load: bool = False) -> dict[str, Any]: ...
        async def _aget_session(self, no_load: bool = False) -> dict[str, Any]: ...

    # The key.

    @property
    def session_key(self) -> str | None:
        """The key, which is also the cookie; None without a session. Makes a pending rotation."""
        if self._rotating:
            self.save()
        return self._session_key

    def _get_new_session_key(self) -> str:
        """A key of the right shape that opens nothing. The server makes the keys of sessions."""
        return secrets.token_urlsafe(32)

    def _get_or_create_session_key(self) -> str:
        if self._session_key is None and not self._rotating:
            self.create()
        return str(self.session_key)

    def exists(self, session_key: str | None) -> bool:
        if self._rotating:
            self.save()
        return bool(session_key) and self._records.exists(str(session_key))

    # Reading.

    def load(self) -> dict[str, Any]:
        """Reads the session. Without a live one the key is None, and the data empty."""
        ticket, self._kept = self._session_key, None
        self._kept = None if ticket is None else self._records.read(ticket) or self._adopt(ticket)
        if self._kept is None:
            self._session_key, self._lost = None, ticket
            return {}
        return read(self.serializer, self._kept.text)

    def _adopt(self, ticket: str) -> Kept | None:
        """Moves the session here if the engine used before has it (SESSION_REDIS["legacy"])."""
        found = self._records.legacy(ticket)
        if found is None:
            return None
        try:
            data = plain(self.serializer, found)
            age = int(self.get_expiry_age(expiry=found.get("_session_expiry")) * 1000)
        except (TypeError, ValueError) as error:
            log.warning("a session of the legacy engine has no JSON form: %s", error)
            return None
        return self._records.adopt(ticket, data, age) if age > 0 else None

    @property
    def lost(self) -> bool:
        """Whether the request's cookie names a session that is not there, and none was begun."""
        return self._lost is not None

    def is_empty(self) -> bool:
        """Whether there is neither a key nor data.

        Django's middleware removes the cookie then. So this is False while a request has only found
        that its session is missing: the cookie may be that of a login in a parallel request.
        """
        if self._rotating:
            return False
        if self.lost and not self.modified and not settings.SESSION_SAVE_EVERY_REQUEST:
            return False
        return super().is_empty()

    if hasattr(SessionBase, "__bool__"):

        def __bool__(self) -> bool:
            return self._rotating or not super().is_empty()

    # Writing.

    def create(self) -> None:
        self._begin()
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Stores the changes. UpdateError if the session has ended, CreateError by `must_create`.

        Raises TypeError for a value that the serializer cannot write, ValueError for NaN and the
        infinities, and Invalid if the data does not satisfy the session's schema.
        """
        ticket = self._session_key
        if must_create:
            if ticket is not None and self._records.exists(ticket):
                raise CreateError
            self._begin()
        elif ticket is None:
            self._refuse_superseded()
            self.create()
        else:
            self._update(ticket)

    def _update(self, ticket: str) -> None:
        session = self._get_session()
        # `clear` empties a session without reading it, and then nothing is known of it.
        kept = self._kept or self._records.read(ticket)
        if kept is None or self._session_key is None:
            raise UpdateError
        data, age = plain(self.serializer, session), self._age()
        if age <= 0:
            self._records.end(ticket)
            self._rotating, self._kept = False, None
            return
        try:
            written = self._records.write(ticket, kept, data, rotate=self._rotating, age=age)
        except NoSession:
            raise UpdateError from None
        if written.data is not data:
            self._session_cache = read(self.serializer, written.kept.text)
        self._take(written)

    def _begin(self) -> None:
        data, age = plain(self.serializer, self._get_session(no_load=True)), self._age()
        if age <= 0:
            # It would have ended already. The key opens nothing, and the cookie is as old as that.
            self._session_key = self._get_new_session_key()
            self._rotating, self._kept, self._lost = False, None, None
            return
        self._take(self._records.begin(data, age))

    def _take(self, written: Written) -> None:
        self._session_key, self._kept = written.ticket, written.kept
        self._rotating, self._lost = False, None

    def _refuse_superseded(self) -> None:
        """UpdateError for a request that was sent before a login or a logout of the last minute.

        A session begun for it would take the place of the login's in the browser.
        """
        if self._lost is not None and not self._rotating and self._records.retired(self._lost):
            self.superseded = True
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        if session_key is None or session_key == self._session_key:
            session_key, self._rotating = self._session_key, False
        if session_key is not None:
            self._records.end(session_key)

    def flush(self) -> None:
        """Ends the session. What is set afterwards begins a new one."""
        self.clear()
        self.delete()
        self._session_key = None
        self._rotating, self._kept, self._lost = False, None, None

    def cycle_key(self) -> None:
        """Gives the session a new key at the next save. The data stays, and the old key dies.

        Whoever asks for `session_key` before that gets the new key: the save is then made at once.
        """
        self._get_session()
        self._rotating = True
        self.modified = True

    @classmethod
    def clear_expired(cls) -> None:
        """Does nothing: the server ends sessions by itself."""

    # When the session ends.

    def set_expiry(self, value: Any) -> None:
        self.expiry_set = True
        super().set_expiry(value)

    def _age(self) -> int:
        """Milliseconds that the session has left if it is saved now."""
        return int(self.get_expiry_age() * 1000)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Seconds until the session ends, if nobody saves it again. An idle timeout is not counted,
        because each read moves it."""
        age, left = super().get_expiry_age(**kwargs), self._left(**kwargs)
        return age if left is None else min(age, int(left.total_seconds()))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """When the session ends, if nobody saves it again."""
        date, left = super().get_expiry_date(**kwargs), self._left(**kwargs)
        return date if left is None else min(date, _modification(kwargs) + left)

    def _left(self, **kwargs: Any) -> timedelta | None:
        """What SESSION_REDIS["lifetime"] leaves to the session; None without that option.

        It counts anew where the next save is a login.
        """
        lifetime = self._records.settings.lifetime
        if lifetime is None or self._kept is None:
            return lifetime
        if self._records.user_of(self._get_session()) != self._kept.user:
            return lifetime
        return lifetime + timedelta(
            seconds=self._kept.since / 1000 - _modification(kwargs).timestamp()
        )

    # The asynchronous forms that Django derives from others, and that differ here.

    async def acycle_key(self) -> None:
        await sync_to_async(self.cycle_key)()

    async def aflush(self) -> None:
        await sync_to_async(self.flush)()

    async def aget_expiry_age(self, **kwargs: Any) -> int:
        await self._aget_session()
        return self.get_expiry_age(**kwargs)

    async def aget_expiry_date(self, **kwargs: Any) -> datetime:
        await self._aget_session()
        return self.get_expiry_date(**kwargs)


def _modification(kwargs: dict[str, Any]) -> datetime:
    """The moment from which Django counts: the argument `modification`, or now."""
    at: datetime = kwargs.get("modification") or timezone.now()
    return at
