"""The Backend protocol: everything that a web framework asks of the place where sessions are kept.

It names sessions by ticket and never by key, so that no key is made from what a browser sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .._options import Expiry
from ..results import DetailedSession

if TYPE_CHECKING:
    from typing_extensions import Unpack

Ticket = str
"""The text that opens a session: a token or, with `bare`, an ID. The server stores no token."""


@dataclass(frozen=True)
class Device:
    """One of a user's sessions, in a form that is safe to show to the user."""

    handle: str
    """Names the session for `end_device`. It does not open the session."""
    current: bool
    """Whether it is the session of this request."""
    created: int
    """Unix milliseconds at which the present ID was made: the login, or the last rotation."""
    accessed: int
    """Unix milliseconds of the last recorded access."""
    values: dict[str, Any] = field(default_factory=dict)
    """The values found at the requested pointers, by pointer."""
    ip: str | None = None
    """The address that the user logged in from, with `track_devices`."""
    agent: str | None = None
    """The User-Agent header of the login, with `track_devices`."""


class Backend(Protocol):
    """Stores sessions by ticket. A write to a session that is not live raises NoSession.

    Timeouts are those of Expiry; an omitted one is the backend's default for a new session, and
    unchanged for a live one.
    """

    checks_schemas: bool
    """Whether this backend checks the schemas that `verify` and `create` name."""
    schemas: dict[str, str]
    """The application's own schemas, name and text; managers add theirs. A server that turns out to
    lack one gets it, and the command is then sent again."""

    def shaped(self, ticket: str) -> bool:
        """Whether the text has exactly the shape of a ticket."""
        ...

    async def create(
        self,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        """Creates a session, and ends the user's least recently used ones beyond `max_sessions`."""
        ...

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None:
        """Reads a live session; None if there is none. An access, unless `no_touch`.

        Raises Invalid if a schema refuses the data, NoSchema if there is no such schema, and Stale
        if the user authenticated more than `fresh` seconds ago.
        """
        ...

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        """Replaces the data. Raises Conflict if the version is not `if_version`."""
        ...

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        """Applies a JSON Merge Patch (dict) or a JSON Patch (list). Returns the new version.

        The result must satisfy `schema`, which becomes the session's own; without it, the schema
        that the session has.
        """
        ...

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]:
        """Reads and removes the values at the pointers, in one step."""
        ...

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
        """Gives the session a new ticket, and applies the changes of a login, in one step.

        The old ticket works for `grace` more milliseconds, and counts as retired for a minute after
        that. Raises OtherUser if the session has another user than `user`.
        """
        ...

    async def end(self, ticket: Ticket) -> bool:
        """Ends the session, and retires its ticket. False if it was not live."""
        ...

    async def retired(self, ticket: Ticket) -> bool:
        """Whether `rotate` or `end` has made the ticket useless within the last minute.

        Then a newer cookie is on its way to the browser, or none should be there. So a request that
        still carries the ticket must set no cookie.
        """
        ...

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]:
        """The user's live sessions, most recently accessed first."""
        ...

    async def end_device(self, user: str, handle: str) -> bool:
        """Ends the user's session that has this handle. False if none has."""
        ...

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int:
        """Ends the user's sessions, all but `keep`. Returns how many ended."""
        ...

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        """The names whose schema is missing, or has another text. A text of None matches any."""
        ...

    async def register_schemas(self, schemas: Mapping[str, str]) -> None:
        """Registers schemas by name. Replaces none: Conflict if a name has another text."""
        ...

    async def close(self) -> None:
        """Closes connections that the backend opened itself."""
        ...
