"""Sends the calls of an application that registers schemas itself, and calls in pairs.

The backends of the web frameworks send through this. A server that was restarted empty lacks the
application's schemas: its NOSCHEMA is answered by registering the schema and sending the call
again. So neither an application nor a mounted one, whose start-up code never runs, has to be
restarted for that.
"""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from redis.exceptions import NoPermissionError, ResponseError

from .. import _calls
from .._calls import Call
from .._json import Raw
from ..errors import Conflict, NoSchema, translated
from .client import AsyncSessions
from .send import AsyncClient, AsyncSender

log = logging.getLogger("redis_session_client")

T = TypeVar("T")


class AsyncRegisteringSessions(AsyncSessions):
    """The module's commands, for an application that has schemas of its own."""

    def __init__(self, client: AsyncClient, *, replica: AsyncClient | None = None) -> None:
        super().__init__(client, replica=replica)
        self.schemas: dict[str, str] = {}
        """The application's schemas: name and text. Callers add to it."""
        self._pairs = self._send = AsyncRegisteringSender(client, replica, self.schemas)

    async def after(self, first: Call[Any], call: Call[T]) -> T:
        """Sends `first` and then `call`; see AsyncRegisteringSender."""
        return await self._pairs.after(first, call)


class AsyncRegisteringSender(AsyncSender):
    """An AsyncSender that registers those of `schemas` that the server turns out to lack."""

    def __init__(
        self,
        client: AsyncClient,
        replica: AsyncClient | None,
        schemas: dict[str, str],
    ) -> None:
        super().__init__(client, replica)
        self._schemas = schemas

    async def one(self, call: Call[T], *, replica_ok: bool = False) -> T:
        try:
            return await super().one(call, replica_ok=replica_ok)
        except NoSchema as missing:
            return await self._registered(call, missing)

    async def _registered(self, call: Call[T], missing: NoSchema) -> T:
        """Registers the missing schema and sends the call again, once for each schema it lacks.

        It goes to the primary, because a replica learns of a schema only later. NoSchema is raised
        for a schema that is not this application's, and for one that it may not register.
        """
        tried: set[str] = set()
        while missing.name in self._schemas and missing.name not in tried:
            tried.add(missing.name)
            text = Raw(self._schemas[missing.name])
            register = _calls.schema_set(
                missing.name, text, assert_format=True, nx=True, prefix=None
            )
            try:
                await self.every(register)
            except NoPermissionError:
                log.error(
                    "the server lacks the schema %s, and its user may not register schemas: "
                    "run python -m redis_session_client schemas push",
                    missing.name,
                )
                raise missing from None
            except Conflict:
                pass  # somebody else has registered one of this name meanwhile
            else:
                log.warning("the server lacked the schema %s; it is registered now", missing.name)
            try:
                return await super().one(call)
            except NoSchema as another:
                missing = another
        raise missing

    async def after(self, first: Call[Any], call: Call[T]) -> T:
        """Sends `first` and then `call`, in one round trip if the client can.

        An error that the server replies to `first` is logged and nothing more.
        """
        if hasattr(self.client, "execute_all"):
            one, reply = await self.client.execute_all([first.words, call.words])
        elif hasattr(self.client, "pipeline") and not self.cluster:
            pipeline = self.client.pipeline(transaction=False)
            pipeline.execute_command(*first.words)
            pipeline.execute_command(*call.words)
            one, reply = await pipeline.execute(raise_on_error=False)
        else:
            try:
                await self.one(first)
            except ResponseError as error:
                _log_first(error)
            return await self.one(call)
        if isinstance(one, ResponseError):
            _log_first(one)
        if isinstance(reply, ResponseError):
            failure = translated(reply, self.client)
            if isinstance(failure, NoSchema):
                return await self._registered(call, failure)
            raise failure
        return call.read(reply)


def _log_first(error: ResponseError) -> None:
    log.debug("the first of two commands is refused: %s", translated(error))
