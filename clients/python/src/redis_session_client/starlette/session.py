"""SessionDict: the dict behind `request.session`. It notes whether anybody looked at it.

A response that depends on the session must not be kept by shared caches, so every method that reads
makes a note. That the dict has changed is found by comparison (web/snapshot.py), not here: a change
deep inside calls no method of this dict.
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

    def mark_accessed(self) -> None:
        """Called by newer versions of Starlette when a route takes `request.session`."""
        self.accessed = True


class UnloadedDict(SessionDict):
    """`request.session` while it is not loaded. Every use raises SessionNotLoaded.

    `fill` turns this object into a SessionDict, so that whoever has got hold of it has the session.
    """

    def __init__(self) -> None:
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
    *("pop", "popitem", "setdefault", "values"),
)
_WRITING = ("__delitem__", "__ior__", "__setitem__", "clear", "update")


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
