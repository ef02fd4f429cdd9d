"""An application's session settings and backend: the part of SessionManager that routes use.

`LiveSession`, `Visit` and the guards need the backend, the settings and the schemas, but not the
methods that make guards. Those are in manager.py, above all of them; this file is below them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from starlette.requests import HTTPConnection

from .._options import Expiry, new_session_expiry
from ..web.cookies import max_age
from ..web.frontends import Frontend
from ..web.origins import Origins
from ..web.protocol import Backend
from .exchange import Exchange, exchange_of
from .models.stored import schema_of

_VERSION = re.compile("(.+)@[0-9a-f]{16}", re.DOTALL)
"""The name of a model's schema."""


class SessionStore:
    """The base of SessionManager; see there for the settings."""

    def __init__(
        self,
        backend: Backend,
        frontends: Sequence[Frontend],
        lifetime: int | timedelta | None,
        idle: int | timedelta | None,
        max_sessions: int | None,
        principal: str | None = None,
        origins: Origins | None = None,
        registers: bool = True,
    ) -> None:
        self.backend = backend
        self.frontends = list(frontends)
        self.origins = origins
        """Whose pages may send requests that change something; None: everybody's."""
        self.registers = registers
        """Whether the application may register the schemas of its models in the server."""
        self.max_sessions = max_sessions
        if principal is not None and not isinstance(principal, str):
            raise TypeError("principal is the name of a member of the data, a str")
        self.principal = principal
        """The member of the data that names the user, if writing it is a login."""
        self.schemas: dict[str, str] = {}
        """The text of each model's schema, by schema name."""
        self._names: set[str] = set()
        self._lifetime = lifetime
        self._idle = idle
        self._scope = f"redis_session_client.{id(self)}"

    @property
    def expiry(self) -> Expiry:
        """The timeouts of a new session and of a login."""
        return new_session_expiry(self._lifetime, self._idle)

    def add_model(self, model: type[Any]) -> str:
        """Adds the schema of a Pydantic model, and returns the schema's name."""
        if not issubclass(model, BaseModel):
            raise TypeError(f"{model!r} is no Pydantic model")
        name, text = schema_of(model)
        self.schemas[name] = text
        if self.registers:
            self.backend.schemas[name] = text
        return name

    def newer_version(self, own: str | None, wanted: str | None) -> str | None:
        """This application's version of the model whose schema is `own`.

        None if `own` is that version, or no model of this application. `wanted` is the schema of
        the guard's model, which counts first.
        """
        if own is None or own in self.schemas or not (version := _VERSION.fullmatch(own)):
            return None
        model = version[1] + "@"
        if wanted is not None and wanted.startswith(model):
            return wanted
        found = [name for name in self.schemas if name.startswith(model)]
        return found[0] if len(found) == 1 else None

    def add_name(self, name: str) -> str:
        """Adds a schema that the server must have already, and returns its name."""
        self._names.add(name)
        return name

    async def missing_schemas(self) -> list[str]:
        """Names of the guards' schemas that the server lacks or has with another text."""
        return await self.backend.missing_schemas({**dict.fromkeys(self._names), **self.schemas})

    def exchange(self, connection: HTTPConnection) -> Exchange:
        """This request's Exchange. RuntimeError if `install` was not called."""
        return exchange_of(connection, self._scope)

    async def give(
        self, exchange: Exchange, ticket: str, remember: bool, *, begun: bool = True
    ) -> None:
        """Hands a new ticket to the client; with `remember`, the cookie lasts to the deadline.

        `begun` is false for a rotation, after which the session is still the visitor's former one.
        """
        age = None
        if remember and (found := await self.backend.verify(ticket, no_touch=True)):
            age = max_age(found.info)
        exchange.give(ticket, age, begun=begun)
