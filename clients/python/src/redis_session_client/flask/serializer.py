"""The JSON of `flask.session`: Flask's tagged values in an object whose members are patchable.

Flask writes a tuple as `{" t": [...]}`, a UUID as `{" u": "..."}`, and so on, and reads them back.
The session itself and its plain dicts stay objects with their own names, so the server can patch
each member. A tagged value is one value: two requests must never merge halves of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask.json.tag import TagDateTime, TaggedJSONSerializer

from ..web.changes import Change, difference
from ..web.json_values import Codec


def _refuse(value: Any) -> Any:
    raise TypeError("a session holds JSON, tuples, datetimes, UUIDs, bytes and Markup")


_STRICT = Codec(_refuse)


class ExactDateTime(TagDateTime):
    """A datetime with its microseconds and its own time zone, or none.

    Flask's own tag keeps whole seconds, and turns every datetime into UTC. Its form is read too.
    """

    __slots__ = ()

    def to_json(self, value: datetime) -> str:
        return value.isoformat()

    def to_python(self, value: str) -> datetime:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            found: datetime | None = super().to_python(value)
            if found is None:
                raise
            return found


class SessionSerializer(TaggedJSONSerializer):
    """Flask's serializer, with exact datetimes. Register tags of your own on it, as on Flask's."""

    def __init__(self) -> None:
        super().__init__()
        self.tags[ExactDateTime.key] = ExactDateTime(self)
        self.order = [
            self.tags[ExactDateTime.key] if isinstance(tag, TagDateTime) else tag
            for tag in self.order
        ]

    def encoded(self, session: Mapping[str, Any]) -> dict[str, Any]:
        """The session with tags. It may still hold values that cannot be stored."""
        try:
            return {name: self.tag(value) for name, value in session.items()}
        except RecursionError:
            raise ValueError(
                "the session is nested too deeply, or a member contains itself"
            ) from None

    def decoded(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The session of an object from the server."""
        return {name: self._untagged(value) for name, value in data.items()}

    def changes(self, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
        """The changes that turn data of the server into an encoded session.

        TypeError, or ValueError, that names a changed member that cannot be stored.
        """
        return difference(before, after, codec=_STRICT, whole=self._is_tagged)

    def _is_tagged(self, value: dict[str, Any]) -> bool:
        return len(value) == 1 and next(iter(value)) in self.tags

    def _untagged(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._untagged(item) for item in value]
        if not isinstance(value, dict):
            return value
        inner = {name: self._untagged(item) for name, item in value.items()}
        try:
            return self.untag(inner)
        except Exception:  # whatever a tag raises: another client may have written this
            return inner
