"""What the commands reply with."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any

from ._json import loads


def as_text(value: Any) -> str:
    """A reply as str, whether the client decodes replies or not."""
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "surrogateescape")


def optional_text(value: Any) -> str | None:
    return None if value is None else as_text(value)


def as_dict(reply: Any) -> dict[Any, Any]:
    """A map, which RESP2 sends as a flat array."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))


@dataclass(frozen=True)
class Info:
    """All that is known of a session but its data. Times are Unix ms, spans are ms."""

    version: int
    created: int
    issued: int
    accessed: int
    authenticated: int | None
    deadline: int | None
    idle: int | None
    schema: str | None
    user: str | None
    bytes: int
    ttl: int | None

    @classmethod
    def read(cls, reply: Any) -> Info:
        found = as_dict(reply)
        # Later servers may send more fields.
        known: list[Any] = list((_known if "version" in found else _known_in_bytes)(found))
        for place in _TEXTS:
            known[place] = optional_text(known[place])
        return cls(*known)


# This is part of every request, so it takes all fields at once, whether the client decodes replies
# or not.
_NAMES = [field.name for field in fields(Info)]
_TEXTS = [_NAMES.index("schema"), _NAMES.index("user")]
_known = itemgetter(*_NAMES)
_known_in_bytes = itemgetter(*(name.encode() for name in _NAMES))


@dataclass(frozen=True)
class Session:
    """The data of a live session. True even where the data is `null`, `0` or `{}`."""

    text: str = field(repr=False)
    """The JSON text, byte for byte as it was written."""

    @property
    def data(self) -> Any:
        """The data as Python objects, parsed anew each time."""
        return loads(self.text)


@dataclass(frozen=True)
class DetailedSession(Session):
    info: Info


@dataclass(frozen=True)
class Created:
    """A new session, or a new ID of one. Keep the token secret: it is stored nowhere else."""

    key: str
    token: str = field(repr=False, default="")
    """The bearer token; empty where none was asked for, since the key itself is the secret then."""


@dataclass(frozen=True)
class Listed:
    """One of a user's sessions."""

    key: str
    info: Info
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    """What was found at the pointers that were asked for, parsed; what was not is left out."""


@dataclass(frozen=True)
class SchemaEntry:
    """A schema of the registry, without its text."""

    name: str
    digest: str
    assert_format: bool
    prefix: str | None

    @classmethod
    def read(cls, reply: Any) -> SchemaEntry:
        found = {as_text(name): value for name, value in as_dict(reply).items()}
        return cls(
            name=as_text(found["name"]),
            digest=as_text(found["digest"]),
            assert_format=bool(found["assertformat"]),
            prefix=optional_text(found["prefix"]),
        )
