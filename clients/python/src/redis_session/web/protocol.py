"""Where sessions are kept: what a web framework needs of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .._options import Expiry
from ..results import DetailedSession

if TYPE_CHECKING:
    from typing_extensions import Unpack

Ticket = str
"""What opens a session. The browser has it; the server, with tokens, does not."""


@dataclass(frozen=True)
class Device:
    """One of a user's sessions, as it may be shown to the user."""

    handle: str
    """Names the session to `end_device`, and opens nothing."""
    current: bool
    created: int
    """When the present ID was made, Unix ms: the login, or the last rotation."""
    accessed: int
    """Unix ms of the last recorded access."""
    values: dict[str, Any] = field(default_factory=dict)
    """What was found at the pointers that were asked for."""


class Backend(Protocol):
    """Where sessions are kept, by ticket. Writes to what is not live raise NoSession."""

    checks_schemas: bool
    """Whether the schemas that `verify` and `create` name are checked at all."""

    def shaped(self, ticket: str) -> bool:
        """Whether this has exactly the shape of a ticket."""

    async def create(
        self,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket: ...

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None: ...

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None: ...

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> int: ...

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]: ...

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
    ) -> Ticket: ...

    async def end(self, ticket: Ticket) -> bool: ...

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]: ...

    async def end_device(self, user: str, handle: str) -> bool: ...

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int: ...

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        """Which of these are not there, or are there with another text."""

    async def register_schemas(self, schemas: Mapping[str, str]) -> None: ...

    async def close(self) -> None: ...
