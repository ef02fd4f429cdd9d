"""TrackingBackend: keeps the IP address and the user agent of each login, for lists of devices.

They are a reserved member of the session's data (see `device_member`), so that they need no
storage of their own, and end with the session. TrackingBackend is a Backend around any other:
routes, guards and the middleware use it like the one inside, and never see the member. The address
is the one that the ASGI server names. X-Forwarded-For is not read, because anyone can send one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._json import Raw, dumps
from .._options import Expiry
from ..results import DetailedSession
from .device_member import (
    MEMBER,
    POINTER,
    check_patch,
    followed,
    joined,
    known,
    patch_with,
    replaces_root,
    reserved,
    split,
    text_of,
)
from .protocol import Backend, Device, Ticket

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from typing_extensions import Unpack

AGENT = 256
"""Characters of a User-Agent header that are kept."""


class Present:
    """The request that is being served: its device, and what it has read of its session."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.read: dict[Ticket, tuple[str | None, bool]] = {}
        """By ticket: the text of the stored member, and whether the data is an object."""

    def device(self) -> dict[str, Any]:
        """IP address and user agent of the request; None for what it does not tell."""
        address = self._scope.get("client")
        agents = [value for name, value in self._scope["headers"] if name == b"user-agent"]
        return {
            "ip": str(address[0])[:64] if address and address[0] else None,
            "agent": agents[0].decode("latin-1")[:AGENT] if agents and agents[0] else None,
        }


_present: ContextVar[Present | None] = ContextVar("redis_session_client.present", default=None)


@contextmanager
def serving(scope: Scope) -> Iterator[None]:
    """Makes a request the present one while the block runs."""
    token = _present.set(Present(scope))
    try:
        yield
    finally:
        _present.reset(token)


class PresentMiddleware:
    """Makes each request and WebSocket the present one for TrackingBackend."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            with serving(scope):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class TrackingBackend:
    """A Backend that adds to each login where it came from, and shows it in `devices`.

    Outside of a request a login stores no device. Data that is no JSON object has no room for it.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        """The backend that stores the sessions."""
        self.checks_schemas = backend.checks_schemas
        self.schemas = backend.schemas

    def shaped(self, ticket: str) -> bool:
        return self.backend.shaped(ticket)

    async def create(
        self,
        data: Any,
        *,
        schema: str | None = None,
        user: str | None = None,
        max_sessions: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> Ticket:
        text, present = text_of(data), _present.get()
        if user is not None and present is not None:
            text = joined(text, dumps(known(present.device())).decode())
        return await self.backend.create(
            Raw(text), schema=schema, user=user, max_sessions=max_sessions, **expiry
        )

    async def verify(
        self,
        ticket: Ticket,
        schemas: Sequence[str] = (),
        *,
        fresh: int | None = None,
        no_touch: bool = False,
    ) -> DetailedSession | None:
        found = await self.backend.verify(ticket, schemas, fresh=fresh, no_touch=no_touch)
        if found is None:
            return None
        text, device = split(found.text)
        if (present := _present.get()) is not None:
            present.read[ticket] = device, text.lstrip(" \t\n\r").startswith("{")
        return found if device is None else replace(found, text=text)

    async def _stored(self, ticket: Ticket) -> str | None:
        """The text of the session's member: as this request has read it, or else read now."""
        present = _present.get()
        if present is not None and ticket in present.read:
            return present.read[ticket][0]
        found = await self.backend.verify(ticket, no_touch=True)
        return None if found is None else split(found.text)[1]

    async def set(
        self,
        ticket: Ticket,
        data: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> None:
        text, device = text_of(data), await self._stored(ticket)
        data = Raw(text if device is None else joined(text, device))
        await self.backend.set(ticket, data, if_version=if_version, schema=schema, **expiry)

    async def _kept(self, ticket: Ticket, changes: Any) -> Any:
        """A route's patch, with an operation more if it replaces the root."""
        check_patch(changes)
        if not replaces_root(changes) or (device := await self._stored(ticket)) is None:
            return changes
        return followed(changes, device)

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        schema: str | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        changes = await self._kept(ticket, changes)
        return await self.backend.patch(
            ticket, changes, if_version=if_version, schema=schema, **expiry
        )

    async def pop(self, ticket: Ticket, *pointers: str) -> dict[str, Any]:
        asked = [pointer for pointer in pointers if not reserved(pointer)]
        return await self.backend.pop(ticket, *asked) if asked else {}

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
        present = _present.get()
        if user is None or present is None:
            patch = patch if patch is None else await self._kept(ticket, patch)
        elif patch or present.read.get(ticket, (None, True))[1]:
            patch = patch_with(patch, present.device())
        return await self.backend.rotate(
            ticket,
            grace=grace,
            patch=patch,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            **expiry,
        )

    async def end(self, ticket: Ticket) -> bool:
        return await self.backend.end(ticket)

    async def retired(self, ticket: Ticket) -> bool:
        return await self.backend.retired(ticket)

    async def devices(
        self, user: str, *pointers: str, current: Ticket | None = None
    ) -> list[Device]:
        asked = [pointer for pointer in pointers if not reserved(pointer)]
        found = await self.backend.devices(user, *asked, POINTER, current=current)
        return [_shown(device) for device in found]

    async def end_device(self, user: str, handle: str) -> bool:
        return await self.backend.end_device(user, handle)

    async def end_all(self, user: str, *, keep: Ticket | None = None) -> int:
        return await self.backend.end_all(user, keep=keep)

    async def missing_schemas(self, schemas: Mapping[str, str | None]) -> list[str]:
        return await self.backend.missing_schemas(schemas)

    async def register_schemas(self, schemas: Mapping[str, str]) -> None:
        await self.backend.register_schemas(schemas)

    async def close(self) -> None:
        await self.backend.close()


def _shown(device: Device) -> Device:
    """The device with the member's values in its own fields."""
    values = {
        pointer: {name: part for name, part in value.items() if name != MEMBER}
        if pointer == "" and isinstance(value, dict)
        else value
        for pointer, value in device.values.items()
        if pointer != POINTER
    }
    stored = device.values.get(POINTER)
    told = stored if isinstance(stored, dict) else {}
    ip, agent = told.get("ip"), told.get("agent")
    return replace(
        device,
        values=values,
        ip=ip if isinstance(ip, str) else None,
        agent=agent if isinstance(agent, str) else None,
    )
