"""The backend in memory, with the JSON Patches that the middleware sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._json import loads
from .._options import Expiry
from ..errors import Conflict
from ..web import MemoryBackend as Base
from ..web import Ticket

if TYPE_CHECKING:
    from typing_extensions import Unpack


class MemoryBackend(Base):
    """Keeps, expires and rotates sessions in this process, and checks no schema at all.

    It is for tests of your own code that need no server, not for production. Of JSON Patch it has
    what the middleware sends: members of objects are added and removed.
    """

    async def patch(
        self,
        ticket: Ticket,
        changes: Any,
        *,
        if_version: int | None = None,
        **expiry: Unpack[Expiry],
    ) -> int:
        if not isinstance(changes, list):
            return await super().patch(ticket, changes, if_version=if_version, **expiry)
        kept = self._writable(ticket, if_version)
        return self._changed(kept, _patched(loads(kept.text), changes), expiry)

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
        listed = isinstance(patch, list)
        data = _patched(loads(self._writable(ticket).text), patch) if listed else None
        new = await super().rotate(
            ticket,
            grace=grace,
            patch=None if listed else patch,
            schema=schema,
            user=user,
            max_sessions=max_sessions,
            **expiry,
        )
        if listed:
            self._changed(self._writable(new), data, {})
        return new


def _patched(data: Any, operations: list[dict[str, Any]]) -> Any:
    for number, operation in enumerate(operations):
        *parents, name = (
            step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]
        )
        inside = data
        for step in parents:
            inside = inside.get(step) if isinstance(inside, dict) else None
        removes = operation["op"] == "remove"
        if not isinstance(inside, dict) or (removes and name not in inside):
            raise Conflict(f"operation {number}: there is nothing at this path")
        if removes:
            del inside[name]
        elif operation["op"] == "add":
            inside[name] = operation["value"]
        else:
            raise NotImplementedError("in memory, a JSON Patch adds and removes")
    return data
