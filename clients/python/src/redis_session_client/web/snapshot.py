"""Snapshot: a session dict as it was, which tells what has changed in it since, at any depth.

Most requests change nothing, so that case is cheap: the dict's fingerprint is the same, and neither
text nor data is parsed or copied. The fingerprint is Python's marshal format, which tells 1 from
True and from 1.0. It is only compared, in this process, and never loaded or stored.
"""

from __future__ import annotations

import marshal
from typing import Any

from .._json import loads
from .changes import Change, apply, difference
from .json_values import Codec

_FORMAT = 2
"""The newest format whose bytes depend on the values alone. Later ones also tell apart whether two
equal values are one object."""


class Snapshot:
    """The state of a session dict to which later states are compared.

    `text` is the stored JSON text of `session`.
    """

    __slots__ = ("_codec", "_data", "_mark", "_text")

    def __init__(
        self, session: dict[str, Any], text: str = "{}", codec: Codec | None = None
    ) -> None:
        self._mark = _fingerprint(session)
        self._text = text
        self._codec = codec
        self._data: dict[str, Any] | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The state as JSON data. Do not change it."""
        data = self._data
        if data is None:
            self._data = data = loads(self._text)
        return data

    def changes(self, session: dict[str, Any]) -> list[Change]:
        """The changes that lead to the present state; see `difference` for the errors."""
        mark = self._mark
        if mark is not None and mark == _fingerprint(session):
            return []
        return difference(self.data, session, codec=self._codec)

    def move(self, session: dict[str, Any], changes: list[Change]) -> None:
        """Makes the present state the one to compare to. `changes` leads to it."""
        if changes:
            apply(changes, self.data)
            self._mark = _fingerprint(session)


def _fingerprint(session: dict[str, Any]) -> bytes | None:
    """Bytes that are equal for equal states; None where a value is not of Python's own types."""
    try:
        # marshal takes no subclass of dict. This calls none of the dict's own methods, which may
        # note that somebody looks.
        return marshal.dumps(list(dict.items(session)), _FORMAT)
    except ValueError:
        return None
