"""RedisBackend: the backend that keeps sessions in Redis, with the commands of the module."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _calls
from .._async.registering import AsyncRegisteringSessions
from .._async.send import AsyncClient
from .._calls import Call
from .._json import Raw
from .._options import Expiry
from ..errors import BadSchema, Invalid, NoSchema, NoSession, WrongType
from ..ids import Ids, tag_of_user
from ..results import DetailedSession
from .arguments import check_prefix, check_user
from .connecting import connect_async
from .protocol import Device, Ticket

if TYPE_CHECKING:
    from typing_extensions import Unpack

log = logging.getLogger("redis_session_client")

_RETIRED = 60_000
"""Milliseconds for which a ticket counts as retired: longer than a request is under way."""


class RedisBackend:
    """Keeps sessions in Redis or Valkey.

    `client` is a client of redis.asyncio, or a URL. Keys are `<prefix>…`, and the server gets users
    as `<prefix><user>`, so that two applications in one Redis never see each other's users. `bare`
    uses bare IDs in place of tokens. With `imported`, cookies of the sessions that `sessionctl
    import` has moved here are tickets, too. In a cluster, `tag_by_user` keeps sessions that are
    created with a user in one slot, so that `max_sessions` is exact. With `replica_ok`, the read at
    the start of a request may go to a replica (`replica`, or one that a cluster client chooses).

    `timeout` is the time in seconds after which a call fails with redis-py's TimeoutError; by
    default the `socket_timeout` of the URL, or 2 seconds.
    A client is used through Pipelined. With `pipelined=False` it sends each command itself.
    A client that sends commands itself keeps its own time-outs.
    """

    checks_schemas = True

    def __init__(
        self,
        client: AsyncClient | str,
        *,
        prefix: str = "session:",
        bare: bool = False,
        imported: bool = False,
        tag_by_user: bool = False,
        replica: AsyncClient | None = None,
        replica_ok: bool = False,
        timeout: float | None = None,
        pipelined: bool = True,
    ) -> None:
        self._link = connect_async(
            client,
            replica,
            timeout,
            pipelined,
        )
        self.commands = AsyncRegisteringSessions(self._link.client, replica=self._link.replica)
        self.schemas = self.commands.schemas
        self.ids = Ids(
            check_prefix(prefix), tagged=self.commands.cluster, bare=bare, imported=imported
        )
        self._tag_by_user = tag_by_user and self.commands.cluster
        self._replica_ok = replica_ok

    @property
    def client(self) -> Any:
        """The client that the commands go to; it has `execute_command`."""
        return self._link.client

    def shaped(self, ticket: str) -> bool:
        return self.ids.shaped(ticket)

    def _key(self, ticket: Ticket) -> str:
        key = self.ids.key(ticket)
        if key is None:
            raise NoSession("this has not the shape of a ticket")
        return key

    def _user(self, user: str | None) -> str | None:
        return None if user is None else self._named(user)

    def _named(self, user: str) -> str:
        return self.ids.prefix + check_user(user)

    async def create(
        self,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        tag = tag_of_user(user) if user is not None and self._tag_by_user else None
        created = await self.commands.create(
            self.ids.pattern(tag),
            data,
            token=not self.ids.bare,
            schema=schema,
            user=self._user(user),
            max_sessions=max_sessions,
            **expiry,
        )
        return self.ids.cookie(created.key, created.token)

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None:
        key = self.ids.key(ticket)
        if key is None:
            return None
        try:
            found = await self.commands.verify(
                key,
                *schemas,
                fresh=fresh,
                no_touch=no_touch,
                with_info=True,
                # With no_touch the caller waits for the session's end, or has just written: a
                # replica that lags behind would mislead it.
                replica_ok=self._replica_ok and not no_touch,
            )
        except WrongType:
            log.warning("a key under %s holds something that is no session", self.ids.prefix)
            return None
        if found is not None:
            # Nobody else holds this object yet, so its frozen field can be set in place. A copy
            # would cost time in every request.
            object.__setattr__(found.info, "user", self._own(found.info.user))
        return found

    def _own(self, user: str | None) -> str | None:
        """The user without the prefix; None for the user of another application."""
        prefix = self.ids.prefix
        return user[len(prefix) :] if user is not None and user.startswith(prefix) else None

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        key = self._key(ticket)
        await self.commands.set(key, data, if_version=if_version, schema=schema, **expiry)

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        return await self.commands.patch(
            self._key(ticket), changes, if_version=if_version, schema=schema, **expiry
        )

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]:
        return await self.commands.pop(self._key(ticket), *pointers)

    async def rotate(
        self,
        ticket: Ticket,
        *,
        grace: int | None = None,
        patch: Any = None,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        key = self._key(ticket)
        call = _calls.rotate(
            key,
            self.ids.pattern_beside(key),
            _calls.read_created,
            token=not self.ids.bare,
            grace=grace,
            patch=patch,
            schema=schema,
            user=self._user(user),
            max_sessions=max_sessions,
            refuse=False,
            expiry=expiry,
        )
        created = await self.commands.after(self._retirement(key, _RETIRED + (grace or 0)), call)
        return self.ids.cookie(created.key, created.token)

    async def end(self, ticket: Ticket) -> bool:
        key = self.ids.key(ticket)
        if key is None:
            return False
        try:
            return (
                await self.commands.after(self._retirement(key, _RETIRED), _calls.delete([key])) > 0
            )
        except WrongType:
            return False

    async def retired(self, ticket: Ticket) -> bool:
        key = self.ids.key(ticket)
        if key is None:
            return False
        try:
            marker = await self.commands.verify(self.ids.retired(key), no_touch=True)
        except (WrongType, Invalid, NoSchema, BadSchema):
            return False
        return marker is not None

    def _retirement(self, key: str, milliseconds: int) -> Call[bool]:
        """The command that marks a key as retired: an empty session, which no cookie can name.

        It is sent first, so that no request finds the session gone and the mark not yet made.
        """
        return _calls.set_data(
            self.ids.retired(key),
            {},
            _calls.read_made,
            nx=True,
            expiry={"px": milliseconds, "pidle": 0},
        )

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]:
        own = self.ids.key(current) if current is not None else None
        return [
            Device(
                _handle(session.key),
                session.key == own,
                session.info.issued,
                session.info.accessed,
                session.values,
            )
            for session in await self.commands.list(self._named(user), *pointers)
        ]

    async def end_device(self, user: str, handle: str) -> bool:
        # Look the handle up among this user's sessions: a request must not be able to name a key.
        listed = await self.commands.list(self._named(user))
        only = [session.key for session in listed if _handle(session.key) == handle]
        return await self.commands.revoke(self._named(user), only=only) > 0

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int:
        kept = [] if keep is None else [self._key(keep)]
        return await self.commands.revoke(self._named(user), keep=kept)

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        there = {entry.name: entry for entry in await self.commands.schema_list()}
        missing = []
        for name, text in schemas.items():
            entry = there.get(name)
            digest = None if text is None else hashlib.sha256(text.encode()).hexdigest()
            same = entry and (digest is None or (entry.digest == digest and entry.assert_format))
            if not same:
                missing.append(name)
        return missing

    async def register_schemas(self, schemas: Mapping[str, str]) -> None:
        for name, text in schemas.items():
            try:
                await self.commands.schema_set(name, Raw(text), assert_format=True, nx=True)
            except BadSchema as error:
                raise BadSchema(f"{name}: {error}") from None

    async def close(self) -> None:
        """Closes the connections of this backend, and its client if it was created from a URL."""
        await self._link.aclose()


def _handle(key: str) -> str:
    """A device's handle: a hash of the key, because the key of a bare ID is a secret."""
    return hashlib.sha256(b"device " + key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
