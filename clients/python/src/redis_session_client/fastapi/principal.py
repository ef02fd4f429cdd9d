"""The principal: a member of the data that names the user. A write that changes it is a login.

`SessionManager(principal="user_id")` names the member. These functions find what a write makes of
it; writing.py acts on that. Only a user that JSON tells apart counts: a str, or an int as its
decimal digits.
"""

from __future__ import annotations

from typing import Any

from .._json import Raw, dumps, loads
from ..web.arguments import check_user

UNCHANGED = object()
"""What `value_after` returns for a write that leaves the principal alone."""


def value_after(changes: Any, principal: str) -> Any:
    """The principal's value after a patch; UNCHANGED if the patch does not name it.

    Raises ValueError for an operation whose result only the server knows.
    """
    if isinstance(changes, Raw):
        changes = loads(dumps(changes).decode())
    if isinstance(changes, dict):
        return changes.get(principal, UNCHANGED)
    value = UNCHANGED
    pointer = "/" + principal.replace("~", "~0").replace("/", "~1")
    for operation in changes if isinstance(changes, list) else []:
        kind, path = operation.get("op"), operation.get("path")
        if path == "" and kind in ("add", "replace"):
            whole = operation.get("value")
            value = whole.get(principal) if isinstance(whole, dict) else None
        elif path == pointer and kind in ("add", "replace"):
            value = operation.get("value")
        elif path == pointer and kind == "remove":
            value = None
        elif kind in ("move", "copy"):
            changed = {path, operation.get("from")} if kind == "move" else {path}
            if not changed.isdisjoint(("", pointer)):
                raise ValueError(
                    f"a patch may not move or copy '{principal}', which names the user; "
                    "write it with add or replace"
                )
    return value


def user_of(value: Any) -> str | None:
    """The user that a principal's value names; None for null, which means nobody.

    Raises TypeError for a value that is neither a str nor an int.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError("the principal is a str, an int or None: it names the user")
    return check_user(value)
