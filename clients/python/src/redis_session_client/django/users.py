"""The sessions of a user: listed, and ended from elsewhere ("log out everywhere else").

A user is an object of the user model, or its primary key. Only sessions of this application are
seen: the server gets users with the prefix of SESSION_REDIS.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase

from ..web.protocol import Device
from .connection import connection, reached


def sessions_of(user: Any, *pointers: str, current: SessionBase | None = None) -> list[Device]:
    """The user's live sessions, most recently used first.

    Each has a handle for `end_device`, `created` and `accessed` (Unix milliseconds), and `current`:
    whether it is the session given. `values` has what is found in the data at the JSON Pointers.
    """
    name, ticket = user_name(user), _ticket(current)
    with reached():
        return connection().backend.devices(name, *pointers, current=ticket)


def end_device(user: Any, handle: str) -> bool:
    """Ends the user's session that has this handle. False if none has."""
    name = user_name(user)
    with reached():
        return connection().backend.end_device(name, handle)


def revoke(user: Any, *, except_: SessionBase | None = None) -> int:
    """Ends the user's sessions, all but `except_`. Returns how many ended.

    Without `except_` also log out the request that calls it, so that it does not go on writing to
    a session that has ended.
    """
    name, ticket = user_name(user), _ticket(except_)
    with reached():
        return connection().backend.end_all(name, keep=ticket)


def user_name(user: Any) -> str:
    """The name under which the server knows a user: the primary key as text, as login() stores it.

    TypeError for an object that is no user of a database, such as AnonymousUser.
    """
    if isinstance(user, str) and user:
        return user
    if isinstance(user, int | UUID) and not isinstance(user, bool):
        return str(user)
    meta = getattr(user, "_meta", None)
    if meta is not None and getattr(user, "pk", None) is not None:
        return str(meta.pk.value_to_string(user))
    raise TypeError("a user is a saved object of the user model, or its primary key")


def _ticket(session: SessionBase | None) -> str | None:
    if session is not None and not isinstance(session, SessionBase):
        raise TypeError("the session is request.session")
    return None if session is None else session.session_key


asessions_of = sync_to_async(sessions_of)
aend_device = sync_to_async(end_device)
arevoke = sync_to_async(revoke)
