"""The client: one method for each command of the module.

_sync/client.py is generated from _async/client.py by tools/make_sync.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _calls
from .._cluster import merged, tagged
from .._options import Expiry
from ..results import (
    Created,
    DetailedSession,
    Field,
    Info,
    Listed,
    ListedFields,
    SchemaEntry,
    Session,
    SessionWithFields,
)
from .send import AsyncClient, AsyncSender

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncSessions:
    """The module's commands on a redis-py client.

    `client` is a plain client, a Sentinel's `master_for`, or a RedisCluster. `replica` is a second
    client, such as the Sentinel's `slave_for`, for reads with `replica_ok`; a cluster client finds
    replicas by itself if its `load_balancing_strategy` includes them. A replica records no access
    and can lag behind a logout.

    Data, patches and schemas are objects that json.dumps accepts, or `Raw` JSON text. Errors of the
    module are SessionError and its subclasses.
    """

    def __init__(self, client: AsyncClient, *, replica: AsyncClient | None = None) -> None:
        self._send = AsyncSender(client, replica)

    @property
    def cluster(self) -> bool:
        """Whether the client is a cluster client. In a cluster, keys need hash tags."""
        return self._send.cluster

    async def create(
        self,
        pattern: str,
        data: Any,
        *,
        token: bool = True,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        refuse: bool = False,
        **expiry: Unpack[Expiry],
    ) -> Created:
        """Creates a session. Its key is `pattern` with the `*` at the end replaced by a new ID.

        With `token` (the default) the reply has a bearer token, which the server does not store.
        `max_sessions` ends the user's least recently accessed sessions beyond that number; with
        `refuse` it ends none, and raises TooMany if the user has that many already. In a
        cluster a pattern without a hash tag gets a random one: `session:{3f9a}:*`. Use the user as
        the tag to keep all sessions of a user in one slot.
        """
        if not pattern.endswith("*"):
            raise ValueError("a pattern ends in '*'; create_as makes a session under your own ID")
        call = _calls.set_data(
            tagged(pattern) if self.cluster else pattern,
            data,
            _calls.read_created,
            token=token,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            refuse=refuse,
            expiry=expiry,
        )
        return await self._send.one(call)

    async def create_as(
        self,
        key: str,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        refuse: bool = False,
        **expiry: Unpack[Expiry],
    ) -> bool:
        """Creates a session under your own key. False, and no change, if the key exists (NX)."""
        call = _calls.set_data(
            key,
            data,
            _calls.read_made,
            nx=True,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            refuse=refuse,
            expiry=expiry,
        )
        return await self._send.one(call)

    async def import_as(
        self,
        key: str,
        data: Any,
        *,
        created: int | datetime,
        authenticated: int | datetime | None = None,
        accessed: int | datetime | None = None,
        schema: str | None = None,
        user: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> bool:
        """Creates a session that lived elsewhere, with its own times, under your own key.

        Times are Unix milliseconds, or datetimes with a time zone. A relative timeout counts from
        now. False, and no change, if the key exists.
        """
        call = _calls.import_data(
            key,
            data,
            created=created,
            authenticated=authenticated,
            accessed=accessed,
            schema=schema,
            user=user,
            expiry=expiry,
        )
        return await self._send.one(call)

    async def set(
        self,
        key: str,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        """Replaces a live session's data. NoSession if it has ended, Conflict by `if_version`."""
        call = _calls.set_data(
            key, data, _calls.read_nothing, if_version=if_version, schema=schema, expiry=expiry
        )
        await self._send.one(call)

    @overload
    async def get(
        self,
        key: str,
        *,
        no_touch: bool = False,
        with_info: Literal[False] = False,
        fields: None = None,
        replica_ok: bool = False,
    ) -> Session | None: ...

    @overload
    async def get(
        self,
        key: str,
        *,
        no_touch: bool = False,
        with_info: Literal[True],
        fields: None = None,
        replica_ok: bool = False,
    ) -> DetailedSession | None: ...

    @overload
    async def get(
        self,
        key: str,
        *,
        no_touch: bool = False,
        with_info: Literal[False] = False,
        fields: Sequence[Field],
        replica_ok: bool = False,
    ) -> SessionWithFields | None: ...

    async def get(
        self,
        key: str,
        *,
        no_touch: bool = False,
        with_info: bool = False,
        fields: Sequence[Field] | None = None,
        replica_ok: bool = False,
    ) -> Session | None:
        """Reads a live session; None if there is none. An access, unless `no_touch`.

        `with_info` adds all metadata, `fields` those of its fields that it names, for less.
        """
        call = _calls.get(key, no_touch=no_touch, with_info=with_info, fields=fields)
        return await self._send.one(call, replica_ok=replica_ok)

    async def get_paths(
        self, key: str, *pointers: str, no_touch: bool = False, replica_ok: bool = False
    ) -> dict[str, Any] | None:
        """The values found at these JSON Pointers, parsed, by pointer.

        None if there is no live session.
        """
        call = _calls.get_paths(key, pointers, no_touch=no_touch)
        return await self._send.one(call, replica_ok=replica_ok)

    @overload
    async def verify(
        self,
        key: str,
        *schemas: str,
        fresh: int | None = None,
        no_touch: bool = False,
        with_info: Literal[False] = False,
        fields: None = None,
        replica_ok: bool = False,
    ) -> Session | None: ...

    @overload
    async def verify(
        self,
        key: str,
        *schemas: str,
        fresh: int | None = None,
        no_touch: bool = False,
        with_info: Literal[True],
        fields: None = None,
        replica_ok: bool = False,
    ) -> DetailedSession | None: ...

    @overload
    async def verify(
        self,
        key: str,
        *schemas: str,
        fresh: int | None = None,
        no_touch: bool = False,
        with_info: Literal[False] = False,
        fields: Sequence[Field],
        replica_ok: bool = False,
    ) -> SessionWithFields | None: ...

    async def verify(
        self,
        key: str,
        *schemas: str,
        fresh: int | None = None,
        no_touch: bool = False,
        with_info: bool = False,
        fields: Sequence[Field] | None = None,
        replica_ok: bool = False,
    ) -> Session | None:
        """Reads a live session and checks it, to guard a route; None if there is none.

        Raises Invalid if the data does not satisfy the session's own schema or one of `schemas`,
        NoSchema if there is no such schema, and Stale if the user authenticated more than `fresh`
        seconds ago, or never. `with_info` and `fields` add metadata, as for `get`.
        """
        call = _calls.verify(
            key, schemas, fresh=fresh, no_touch=no_touch, with_info=with_info, fields=fields
        )
        return await self._send.one(call, replica_ok=replica_ok)

    async def verify_paths(
        self,
        key: str,
        *pointers: str,
        schemas: Iterable[str] = (),
        fresh: int | None = None,
        no_touch: bool = False,
        replica_ok: bool = False,
    ) -> dict[str, Any] | None:
        """Checks a live session like `verify`, and returns parts of its data like `get_paths`."""
        call = _calls.verify_paths(key, pointers, schemas, fresh=fresh, no_touch=no_touch)
        return await self._send.one(call, replica_ok=replica_ok)

    async def touch(self, key: str, **expiry: Unpack[Expiry]) -> bool:
        """Records an access, and can change the timeouts. False if there is no live session."""
        return await self._send.one(_calls.touch(key, expiry))

    async def patch(
        self,
        key: str,
        changes: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        """Changes part of the data in the server, and returns the new version.

        A dict is a JSON Merge Patch (RFC 7396: None removes a member), a list a JSON Patch
        (RFC 6902). With `schema` the session has this schema from then on.
        """
        call = _calls.patch(key, changes, if_version=if_version, schema=schema, expiry=expiry)
        return await self._send.one(call)

    async def pop(self, key: str, *pointers: str) -> dict[str, Any]:
        """Reads and removes values in one step. Returns those found, parsed, by pointer."""
        return await self._send.one(_calls.pop(key, pointers))

    async def rotate(
        self,
        key: str,
        pattern: str,
        *,
        token: bool = True,
        grace: int | None = None,
        patch: Any = None,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        refuse: bool = False,
        **expiry: Unpack[Expiry],
    ) -> Created:
        """Gives a session a new ID, and applies the changes of a login, in one step.

        The old key works for `grace` more milliseconds. Raises OtherUser if the session has another
        user than `user`. `max_sessions` and `refuse` work as for `create`. In a cluster the pattern
        gets the hash tag of the key.
        """
        if not pattern.endswith("*"):
            raise ValueError("a pattern ends in '*'; rotate_as moves a session to your own ID")
        call = _calls.rotate(
            key,
            tagged(pattern, beside=key) if self.cluster else pattern,
            _calls.read_created,
            token=token,
            grace=grace,
            patch=patch,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            refuse=refuse,
            expiry=expiry,
        )
        return await self._send.one(call)

    async def rotate_as(
        self,
        key: str,
        new_key: str,
        *,
        grace: int | None = None,
        patch: Any = None,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        refuse: bool = False,
        **expiry: Unpack[Expiry],
    ) -> bool:
        """Like `rotate`, but to your own key, for a framework that makes IDs itself.

        False, and no change, if the new key exists. In a cluster both keys share one slot.
        """
        call = _calls.rotate(
            key,
            new_key,
            _calls.read_made,
            nx=True,
            grace=grace,
            patch=patch,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            refuse=refuse,
            expiry=expiry,
        )
        return await self._send.one(call)

    async def delete(self, *keys: str) -> int:
        """Ends sessions, and returns how many were live. In a cluster, keys share one slot."""
        return await self._send.one(_calls.delete(keys)) if keys else 0

    async def info(self, key: str, *, replica_ok: bool = False) -> Info | None:
        """A session's metadata. Not an access."""
        return await self._send.one(_calls.info(key), replica_ok=replica_ok)

    async def list(self, user: str, *pointers: str, limit: int | None = None) -> list[Listed]:
        """The user's live sessions, most recently accessed first; in a cluster, of all nodes.

        With `limit`, the first so many. A session may be missing while slots of the cluster move.
        """
        call = _calls.list_user(user, pointers, limit=limit)
        return merged(await self._send.every(call), limit)

    async def list_fields(
        self, user: str, fields: Sequence[Field], *pointers: str, limit: int | None = None
    ) -> Sequence[ListedFields]:
        """Like `list`, with some fields of each session's metadata instead of all."""
        call = _calls.list_fields(user, tuple(fields), pointers, limit=limit)
        return merged(await self._send.every(call), limit)

    async def revoke(
        self,
        user: str,
        *,
        keep: Iterable[str] = (),
        only: Iterable[str] | None = None,
        limit: int | None = None,
    ) -> int:
        """Ends a user's sessions: all, all except the keys in `keep`, or those in `only`.

        Returns how many ended. In a cluster every primary is asked, again as long as slots move.
        With `limit` each command ends at most so many, the least recently accessed first: repeat
        the call until it returns 0, and a user with very many sessions delays nobody.
        """
        wanted = None if only is None else tuple(only)
        if wanted == ():
            return 0
        call = _calls.revoke(user, tuple(keep), wanted, limit=limit)
        return await self._send.until_at_rest(call)

    async def schema_set(
        self,
        name: str,
        schema: Any,
        *,
        assert_format: bool = False,
        nx: bool = False,
        prefix: str | None = None,
    ) -> None:
        """Registers or replaces a JSON Schema, on every primary of a cluster.

        `assert_format` makes the schema check `format`. With `nx` nothing is replaced: Conflict if
        another schema has the name. New sessions whose keys begin with `prefix` get the schema.
        """
        call = _calls.schema_set(name, schema, assert_format=assert_format, nx=nx, prefix=prefix)
        await self._send.every(call)

    async def schema_check(self, name: str, data: Any) -> None:
        """Checks data against a schema without a session, and raises what `set` would raise."""
        await self._send.one(_calls.schema_check(name, data))

    async def schema_get(self, name: str) -> str | None:
        """The text of a schema, byte for byte as it was set; None if there is none."""
        return await self._send.one(_calls.schema_get(name))

    async def schema_delete(self, *names: str) -> int:
        """Removes schemas, on every primary of a cluster. Returns how many there were."""
        if not names:
            return 0
        return max(await self._send.every(_calls.schema_delete(names)))

    async def schema_list(self) -> Sequence[SchemaEntry]:
        """The registered schemas, without their texts.

        In a cluster, those that are the same on every primary.
        """
        first, *others = await self._send.every(_calls.schema_list())
        return [entry for entry in first if all(entry in other for other in others)]
