"""SessionDict: the dict behind `request.session`. It notes who looked at it, and what was set.

A response that depends on the session must not be kept by shared caches, so every method that reads
makes a note. That the dict has changed is found by comparison (web/snapshot.py), not here: a change
deep inside calls no method of this dict. But a comparison cannot tell that a login set a member to
the value that the earlier user had, so the names that are set are noted, too.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast


class SessionNotLoaded(RuntimeError):
    """A route looked at the session before it was loaded, with the setting `lazy`."""

    def __init__(self) -> None:
        super().__init__(
            "the session is not loaded, since the middleware is lazy: "
            "await load_session(request) first, or use it as a dependency"
        )


class SessionDict(dict[str, Any]):
    """`request.session`."""

    accessed = False
    """Whether the route has looked at it."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.written: set[str] = set()
        """The names of the members that the route has set."""

    def __setitem__(self, name: str, value: Any) -> None:
        self.written.add(name)
        super().__setitem__(name, value)

    def update(self, *args: Any, **named: Any) -> None:
        new = dict(*args, **named)
        self.written.update(new)
        super().update(new)

    def __ior__(self, other: Any) -> SessionDict:  # type: ignore[override,misc]
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None, /) -> Any:
        self.accessed = True
        if not dict.__contains__(self, name):
            self[name] = default
        return dict.__getitem__(self, name)

    def __reduce_ex__(self, protocol: object) -> Any:
        return dict, (self.copy(),)  # a copy is a plain dict, which notes nothing

    def mark_accessed(self) -> None:
        """Called by newer versions of Starlette when a route takes `request.session`."""
        self.accessed = True

    def mark_modified(self) -> None:
        """A method of Starlette's own sessions. Changes are found without it."""
        self.accessed = True


class UnloadedDict(SessionDict):
    """`request.session` while it is not loaded. Every use raises SessionNotLoaded.

    `fill` turns this object into a SessionDict, so that whoever has got hold of it has the session.
    """

    def __init__(self) -> None:
        super().__init__()
        # json.dumps takes an empty dict for {} without calling a method.
        dict.__setitem__(self, "the session is not loaded", None)

    def mark_accessed(self) -> None:
        """Nothing: to take the dict is no mistake, it may be loaded before it is used."""


def fill(session: SessionDict, data: dict[str, Any]) -> None:
    """Makes `data` the content of the session."""
    if isinstance(session, UnloadedDict):
        cast(Any, session).__class__ = SessionDict
        session.accessed = True
    dict.clear(session)
    dict.update(session, data)


_READING = (
    *("__contains__", "__eq__", "__ge__", "__getitem__", "__gt__", "__iter__", "__le__", "__len__"),
    *("__lt__", "__ne__", "__or__", "__reversed__", "__ror__", "copy", "get", "items", "keys"),
    *("pop", "popitem", "values"),
)
_WRITING = (
    "__reduce_ex__",
    "__delitem__",
    "__ior__",
    "__setitem__",
    "clear",
    "setdefault",
    "update",
)


def _noting(name: str) -> Any:
    inherited = getattr(dict, name)

    def method(self: SessionDict, *args: Any, **named: Any) -> Any:
        self.accessed = True
        return inherited(self, *args, **named)

    method.__name__ = name
    return method


def _refuse(self: object, *args: object, **named: object) -> NoReturn:
    raise SessionNotLoaded


for _name in _READING:
    setattr(SessionDict, _name, _noting(_name))
for _name in (*_READING, *_WRITING):
    setattr(UnloadedDict, _name, _refuse)
