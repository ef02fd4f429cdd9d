"""The steps of a login, for all frameworks: a login always ends in a session with a new ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._options import Expiry
from ..errors import NoSession, OtherUser, WrongType
from .arguments import check_user
from .protocol import Backend, Ticket

if TYPE_CHECKING:
    from typing_extensions import Unpack


async def login(
    backend: Backend,
    ticket: Ticket | None,
    user: str,
    changes: Any,
    *,
    new: Callable[[Any], Any] = lambda changes: merge_patch({}, changes),
    schema: str | None = None,
    max_sessions: int | None = None,
    **expiry: Unpack[Expiry],
) -> Ticket:
    """Logs `user` in, and returns the ticket of the session.

    A live session of the visitor is rotated and patched in one command (ROTATE with USER and
    PATCH); `changes` is a patch. Without one, a session is created. A session of another user is
    ended and a new one is created, so that nobody inherits data. `new` turns `changes` into the
    data of a new session. The ticket that the visitor had is retired in each case.
    """
    check_user(user)
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
        except (NoSession, WrongType, OtherUser):
            pass
    created = await backend.create(
        new(changes), schema=schema, user=user, max_sessions=max_sessions, **expiry
    )
    if ticket is not None:
        # After the creation: if the server refuses that, nothing has ended. Also for a session that
        # was gone already: `end` retires the ticket, so that a request under way which still
        # carries it does not replace the cookie of this login.
        await backend.end(ticket)
    return created


def merge_patch(target: Any, patch: Any) -> Any:
    """Applies a JSON Merge Patch (RFC 7396) to data outside of the server."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
