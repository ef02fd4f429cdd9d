"""OwnScope: the scope of an application that is inside of another one with sessions.

Applications share one scope with those that are mounted in them, and each SessionMiddleware keeps
its session at `scope["session"]`. Without a scope of its own, ours would take the place of the
outer one's session, which would then store our data, or fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.types import Scope

_ABSENT = object()


class OwnScope(dict[str, Any]):
    """A copy of a scope in which some names are our own.

    All other names are also written to the scope that it was copied from, because what is outside
    of us reads them after the request: tracing, for one, wants the route.
    """

    def __init__(self, outer: Scope, own: Mapping[str, Any]) -> None:
        super().__init__(outer)
        super().update(own)
        self._outer = outer
        self._own = frozenset(own)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        if name not in self._own:
            self._outer[name] = value

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        if name not in self._own:
            self._outer.pop(name, None)

    def update(  # type: ignore[override]
        self, other: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **named: Any
    ) -> None:
        for name, value in dict(other, **named).items():
            self[name] = value

    def __ior__(self, other: Any) -> OwnScope:  # type: ignore[override,misc]
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None, /) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str, default: Any = _ABSENT, /) -> Any:
        if name not in self and default is not _ABSENT:
            return default
        value = self[name]
        del self[name]
        return value
