"""A login, as each framework does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._options import Expiry
from ..errors import NoSession, OtherUser, WrongType
from .protocol import Backend, Ticket

if TYPE_CHECKING:
    from typing_extensions import Unpack


async def login(
    backend: Backend,
    ticket: Ticket | None,
    user: str,
    changes: dict[str, Any],
    *,
    new: Callable[[Any], Any] = lambda changes: merge_patch({}, changes),
    schema: str | None = None,
    max_sessions: int | None = None,
    **expiry: Unpack[Expiry],
) -> Ticket:
    """The session of this visitor under a new ID, with its user and what the login adds.

    One ROTATE with USER and PATCH; or SET, where there was no session. The session of another user
    is ended and a new one made, so that nobody inherits data. `new` makes the data of a new session
    of the changes.
    """
    if ticket is not None:
        try:
            return await backend.rotate(
                ticket,
                patch=changes,
                schema=schema,
                user=user,
                max_sessions=max_sessions,
                **expiry,
            )
        except (NoSession, WrongType):
            pass
        except OtherUser:
            await backend.end(ticket)
    return await backend.create(
        new(changes), schema=schema, user=user, max_sessions=max_sessions, **expiry
    )


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, for data that is not in the server (yet)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
