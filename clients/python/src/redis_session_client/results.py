"""Replies of the commands as frozen dataclasses.

Each is read from RESP2 and RESP3, and from clients that decode replies and those that do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from ._json import loads


def as_text(value: Any) -> str:
    """A reply as str. Clients with decode_responses have decoded it already."""
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "surrogateescape")


def optional_text(value: Any) -> str | None:
    """Like `as_text`; a nil reply is None."""
    return None if value is None else as_text(value)


def as_dict(reply: Any) -> dict[Any, Any]:
    """A map. RESP2 sends it as a flat array of names and values."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))


@dataclass(frozen=True)
class Info:
    """A session's metadata. Times are Unix milliseconds, spans are milliseconds."""

    version: int
    """Counts changes of the data, from 1."""
    created: int
    issued: int
    """When the present ID was made: at the creation, or at the last rotation."""
    accessed: int
    """The last recorded access. In the result of a read, that is the read if it was recorded."""
    authenticated: int | None
    """The user's last login; None without a user."""
    deadline: int | None
    """The session ends then, whatever is accessed."""
    idle: int | None
    """The session ends this long after its last access."""
    schema: str | None
    user: str | None
    bytes: int
    """Size of the data's JSON text."""
    ttl: int | None
    """Time left, by deadline and idle timeout; None without either."""

    @classmethod
    def read(cls, reply: Any) -> Info:
        """From the map of SESSION.INFO. Ignores fields that later servers may add."""
        found = {as_text(name): value for name, value in as_dict(reply).items()}
        return cls.of([found[name] for name in INFO_FIELDS])

    @classmethod
    def of(cls, values: Sequence[Any]) -> Info:
        """From the values of INFO_FIELDS, in that order."""
        known = list(values)
        for place in _TEXTS:
            known[place] = optional_text(known[place])
        # A frozen class sets each field by a call. This is in the way of every request.
        info = cls.__new__(cls)
        info.__dict__.update(zip(INFO_FIELDS, known, strict=True))
        return info


INFO_FIELDS = tuple(field.name for field in fields(Info))
"""The names of all fields of `Info`, in its order."""
_TEXTS = [INFO_FIELDS.index("schema"), INFO_FIELDS.index("user")]


Field = Literal[
    "version",
    "created",
    "issued",
    "accessed",
    "authenticated",
    "deadline",
    "idle",
    "schema",
    "user",
    "bytes",
    "ttl",
]
"""The name of one field of `Info`."""


def read_fields(names: Sequence[Field], values: Sequence[Any]) -> dict[Field, Any]:
    """Single fields of a session's metadata, by name, as `Info` has them."""
    return {
        name: optional_text(value) if name in ("schema", "user") else value
        for name, value in zip(names, values, strict=True)
    }


@dataclass(frozen=True)
class Session:
    """The data of a live session. Always true, also if the data is `null`, `0` or `{}`."""

    text: str = field(repr=False)
    """The JSON text, byte for byte as it is stored."""

    @property
    def data(self) -> Any:
        """The data as Python objects, parsed in each call."""
        return loads(self.text)


@dataclass(frozen=True)
class DetailedSession(Session):
    """A session's data and metadata, of one moment."""

    info: Info


@dataclass(frozen=True)
class SessionWithFields(Session):
    """A session's data and some fields of its metadata, of one moment."""

    fields: dict[Field, Any]
    """The fields that were asked for, by name."""


@dataclass(frozen=True)
class Created:
    """The key and token of a new or rotated session. Only the client ever has the token."""

    key: str
    token: str = field(repr=False, default="")
    """The bearer token, a secret. Empty if none was requested; then the key is the secret."""


@dataclass(frozen=True)
class Listed:
    """One of a user's sessions."""

    key: str
    info: Info
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    """The values found at the requested pointers, parsed, by pointer."""


@dataclass(frozen=True)
class ListedFields:
    """One of a user's sessions, with some fields of its metadata."""

    key: str
    accessed: int
    """The last recorded access, in Unix milliseconds."""
    created: int
    """When the session was created, in Unix milliseconds."""
    fields: dict[Field, Any]
    """The fields that were asked for, by name."""
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    """The values found at the requested pointers, parsed, by pointer."""


@dataclass(frozen=True)
class SchemaEntry:
    """One entry of SESSION.SCHEMA LIST: a registered schema without its text."""

    name: str
    digest: str
    """SHA-256 of the text, in hex."""
    assert_format: bool
    """Whether the schema checks `format`."""
    prefix: str | None
    """New sessions whose keys begin with this get the schema."""

    @classmethod
    def read(cls, reply: Any) -> SchemaEntry:
        found = {as_text(name): value for name, value in as_dict(reply).items()}
        return cls(
            name=as_text(found["name"]),
            digest=as_text(found["digest"]),
            assert_format=bool(found["assertformat"]),
            prefix=optional_text(found["prefix"]),
        )
