"""RedisSession: `flask.session`, a dict that reads its data from the server when it is first used.

A request that never looks at it costs no round trip. A dict subclass reaches C code that does not
ask the subclass, so every method of dict that shows or changes members is replaced by one that
loads first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask.sessions import SessionMixin

from ..results import Info
from .reading import PERMANENT
from .record import Record


class RedisSession(dict[str, Any], SessionMixin):
    """One request's session. Flask makes it; `flask.session` is it."""

    accessed = False
    """Whether the request has used the session, so that its response depends on the cookie."""

    def __init__(self, record: Record, *, permanent: bool = False) -> None:
        super().__init__()
        self._record = record
        self._permanent_default = permanent
        self._permanent_wish: bool | None = None
        self._loaded = False
        self._modified: bool | None = None
        self.cleared = False
        """Whether `clear` was called: the session that the request came with is ended."""
        self.login: str | None = None
        """The user who is logged in when the request is saved."""
        self.written: set[str] = set()
        """The members that this request has set, also to the value that they had."""
        self.rotate = False
        """Whether the session gets a new ID when the request is saved."""

    def load(self) -> None:
        """Reads the data, once. An HTTPException (503, 400) if that is not possible."""
        self.accessed = True
        if self._loaded:
            return
        self._loaded = True  # also if it fails: the page of the error sees an empty session
        dict.update(self, self._record.load())
        self._apply_wish()

    @property
    def loaded(self) -> bool:
        """Whether the request has used the data."""
        return self._loaded

    @property
    def record(self) -> Record:
        """The session in the server."""
        return self._record

    @property
    def new(self) -> bool:  # type: ignore[override]
        """Whether the request came without a live session."""
        self.load()
        return self._record.ticket is None

    @property
    def info(self) -> Info | None:
        """The session's metadata when it was read; None without a live session."""
        self.load()
        return self._record.info

    @property
    def modified(self) -> bool:
        """Whether the session has changed, at any depth.

        Changes are found by themselves. True also renews the lifetime of an unchanged session, if
        SESSION_REFRESH_EACH_REQUEST is off. False leaves the changes so far unsaved.
        """
        if self._modified is None:
            return self._loaded and self._record.differs(self)
        return self._modified

    @modified.setter
    def modified(self, value: bool) -> None:
        self._modified = bool(value)

    def forget_modified(self) -> None:
        """Compares with what has just been saved from now on."""
        self._modified = None

    @property
    def told_modified(self) -> bool | None:
        """What the request said of `modified`; None if it neither said so nor changed a member."""
        return self._modified

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser: the member `_permanent`."""
        if not self._loaded and self._permanent_wish is not None:
            return self._permanent_wish
        return bool(self.get(PERMANENT, self._permanent_default))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        # Applications set this before each request, so it does not load the session by itself.
        self._permanent_wish = bool(value)
        if self._loaded:
            self._apply_wish()

    @property
    def wants_permanence(self) -> bool:
        """Whether `permanent` was set, before the data was read."""
        return self._permanent_wish is not None

    def _apply_wish(self) -> None:
        wish = self._permanent_wish
        if wish is not None and wish != dict.get(self, PERMANENT, self._permanent_default):
            dict.__setitem__(self, PERMANENT, wish)

    def clear(self) -> None:
        """Empties the session, and ends it when the request is saved: a logout.

        A `permanent` that this request has set holds for the session that it may begin then.
        """
        dict.clear(self)
        self.accessed = self._loaded = self.cleared = self._modified = True
        self.login = None
        self.written.clear()
        self._apply_wish()

    def copy(self) -> dict[str, Any]:
        """The members as a plain dict."""
        self.load()
        return dict(self)

    __hash__ = None  # type: ignore[assignment]


def _loading(name: str, *, changes: bool) -> Callable[..., Any]:
    """The method of dict, on a session that has been loaded."""
    method: Callable[..., Any] = getattr(dict, name)

    @wraps(method)
    def loading(self: RedisSession, *arguments: Any, **members: Any) -> Any:
        self.load()
        if changes:
            self._modified = True
        if name == "__setitem__":
            self.written.add(arguments[0])
        elif name in ("update", "__ior__") and arguments:
            first = dict(arguments[0])  # it may be an iterator
            arguments = (first, *arguments[1:])
            self.written.update(first)
        self.written.update(members)
        return method(self, *arguments, **members)

    return loading


_READING = "__contains__ __eq__ __ge__ __getitem__ __gt__ __iter__ __le__ __len__ __lt__ __ne__ "
_READING += "__or__ __repr__ __reversed__ __ror__ get items keys values"
_CHANGING = "__delitem__ __ior__ __setitem__ pop popitem setdefault update"
for _name in _READING.split():
    setattr(RedisSession, _name, _loading(_name, changes=False))
for _name in _CHANGING.split():
    setattr(RedisSession, _name, _loading(_name, changes=True))
