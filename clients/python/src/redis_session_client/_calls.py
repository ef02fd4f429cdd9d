"""Every command as a Call: the words to send, the function that reads the reply, and the key.

The synchronous and the asynchronous client share these, and add only the sending. Nothing here
talks to a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from ._json import dumps, loads
from ._options import (
    Expiry,
    Word,
    encoded,
    expiry_words,
    flag_words,
    moment,
    owner_words,
    value_words,
)
from .results import (
    INFO_FIELDS,
    Created,
    DetailedSession,
    Field,
    Info,
    Listed,
    ListedFields,
    SchemaEntry,
    Session,
    SessionWithFields,
    as_text,
    optional_text,
    read_fields,
)

T = TypeVar("T")


@dataclass(slots=True)
class Call(Generic[T]):
    """One command that is ready to be sent."""

    words: tuple[str | bytes, ...]
    read: Callable[[Any], T]
    key: str | None = None
    """The key that decides the node of a cluster; None for a command without a key."""


def _call_of(words: list[Word], read: Callable[[Any], T], key: str | None = None) -> Call[T]:
    return Call(encoded(words), read, key)


def set_data(
    key: str,
    data: Any,
    read: Callable[[Any], T],
    *,
    nx: bool = False,
    if_version: int | None = None,
    schema: str | None = None,
    user: str | None = None,
    max_sessions: int | None = None,
    refuse: bool = False,
    token: bool = False,
    expiry: Expiry,
) -> Call[T]:
    words: list[Word] = ["SESSION.SET", key, dumps(data)]
    words += flag_words(nx=nx, token=token)
    words += value_words(if_version=if_version, schema=schema)
    words += owner_words(user, max_sessions, refuse)
    return _call_of(words + expiry_words(expiry), read, key)


def import_data(
    key: str,
    data: Any,
    *,
    created: int | datetime,
    authenticated: int | datetime | None,
    accessed: int | datetime | None,
    schema: str | None,
    user: str | None,
    expiry: Expiry,
) -> Call[bool]:
    words: list[Word] = ["SESSION.IMPORT", key, dumps(data)]
    words += value_words(
        created=moment(created), authenticated=moment(authenticated), accessed=moment(accessed)
    )
    words += value_words(schema=schema, user=user)
    return _call_of(words + expiry_words(expiry), read_made, key)


def rotate(
    key: str,
    new_key: str,
    read: Callable[[Any], T],
    *,
    nx: bool = False,
    token: bool = False,
    grace: int | None,
    patch: Any,
    schema: str | None,
    user: str | None,
    max_sessions: int | None,
    refuse: bool,
    expiry: Expiry,
) -> Call[T]:
    words: list[Word] = ["SESSION.ROTATE", key, new_key, *flag_words(nx=nx, token=token)]
    words += value_words(grace=grace, patch=None if patch is None else dumps(patch), schema=schema)
    words += owner_words(user, max_sessions, refuse)
    return _call_of(words + expiry_words(expiry), read, key)


def get(
    key: str, *, no_touch: bool, with_info: bool, fields: Sequence[Field] | None
) -> Call[Session | None]:
    words: list[Word] = ["SESSION.GET", key, *flag_words(no_touch=no_touch)]
    return _read(words, key, with_info, fields)


def get_paths(key: str, pointers: Sequence[str], *, no_touch: bool) -> Call[dict[str, Any] | None]:
    return _read_paths(["SESSION.GET", key, *flag_words(no_touch=no_touch)], key, pointers)


def verify(
    key: str,
    schemas: Iterable[str],
    *,
    fresh: int | None,
    no_touch: bool,
    with_info: bool,
    fields: Sequence[Field] | None,
) -> Call[Session | None]:
    if with_info and fields is None:
        # What a guard sends in every request: all words but the key are the same each time.
        words = _verify_tail(tuple(schemas), fresh, no_touch)
        name = key.encode("utf-8", "surrogateescape")
        return Call(("SESSION.VERIFY", name, *words), read_detailed, key)
    return _read(_verify_words(key, schemas, fresh, no_touch), key, with_info, fields)


@lru_cache(maxsize=256, typed=True)
def _verify_tail(
    schemas: tuple[str, ...], fresh: int | None, no_touch: bool
) -> tuple[str | bytes, ...]:
    """The words of a VERIFY with all metadata, behind the key."""
    _, _, *words = _verify_words("", schemas, fresh, no_touch) + _INFO_WORDS
    return encoded(["", *words])[1:]


def verify_paths(
    key: str,
    pointers: Sequence[str],
    schemas: Iterable[str],
    *,
    fresh: int | None,
    no_touch: bool,
) -> Call[dict[str, Any] | None]:
    return _read_paths(_verify_words(key, schemas, fresh, no_touch), key, pointers)


def _verify_words(
    key: str, schemas: Iterable[str], fresh: int | None, no_touch: bool
) -> list[Word]:
    words: list[Word] = ["SESSION.VERIFY", key]
    for name in schemas:
        words += ["SCHEMA", name]
    return words + value_words(fresh=fresh) + flag_words(no_touch=no_touch)


def _read(
    words: list[Word], key: str, with_info: bool, fields: Sequence[Field] | None
) -> Call[Session | None]:
    """A read of the whole data, with all metadata, some of it, or none."""
    if fields is not None:
        if with_info:
            raise ValueError("give with_info or fields, not both")
        names = tuple(fields)

        def read(reply: Any) -> Session | None:
            if reply is None:
                return None
            return SessionWithFields(as_text(reply[1]), read_fields(names, reply[0]))

        return _call_of([*words, *field_words(names)], read, key)
    if with_info:
        return _call_of(words + _INFO_WORDS, read_detailed, key)
    return _call_of(words, read_session, key)


def _read_paths(
    words: list[Word], key: str, pointers: Sequence[str]
) -> Call[dict[str, Any] | None]:
    """A read of parts of the data."""

    # For a single pointer a nil reply is ambiguous: no value, or no session. With FIELDS it means
    # that there is no session.
    def read(reply: Any) -> dict[str, Any] | None:
        return None if reply is None else _found(pointers, reply[1])

    words += [*field_words(["version"]), "PATH", *_at_least_one(pointers)]
    return _call_of(words, read, key)


def field_words(names: Sequence[Field]) -> list[Word]:
    """The words that ask for fields of the metadata. Raises ValueError if there are none."""
    if not names:
        raise ValueError("name at least one field")
    return ["FIELDS", len(names), *names]


# All metadata is asked for by FIELDS, not by WITHINFO: a guard does so in every request, and an
# array of values costs less than a map, here and in the server.
_INFO_WORDS: list[Word] = [
    b"FIELDS",
    str(len(INFO_FIELDS)).encode(),
    *(name.encode() for name in INFO_FIELDS),
]


def touch(key: str, expiry: Expiry) -> Call[bool]:
    return _call_of(["SESSION.TOUCH", key, *expiry_words(expiry)], bool, key)


def patch(
    key: str, changes: Any, *, if_version: int | None, schema: str | None, expiry: Expiry
) -> Call[int]:
    words: list[Word] = ["SESSION.PATCH", key, dumps(changes)]
    words += value_words(if_version=if_version, schema=schema)
    return _call_of(words + expiry_words(expiry), int, key)


def pop(key: str, pointers: Sequence[str]) -> Call[dict[str, Any]]:
    def read(reply: Any) -> dict[str, Any]:
        return _found(pointers, reply)

    return _call_of(["SESSION.POP", key, *_at_least_one(pointers)], read, key)


def delete(keys: Sequence[str]) -> Call[int]:
    return _call_of(["SESSION.DEL", *keys], int, keys[0])


def info(key: str) -> Call[Info | None]:
    return _call_of(["SESSION.INFO", key], lambda r: None if r is None else Info.read(r), key)


def list_user(user: str, pointers: Sequence[str], *, limit: int | None) -> Call[list[Listed]]:
    def read(reply: Any) -> list[Listed]:
        return [
            Listed(as_text(key), Info.of(about), _pairs(pointers, values))
            for key, about, *values in reply
        ]

    words: list[Word] = ["SESSION.LIST", user, *value_words(limit=limit), *_INFO_WORDS]
    return _call_of(words + _path_words(pointers), read)


def list_fields(
    user: str, names: Sequence[Field], pointers: Sequence[str], *, limit: int | None
) -> Call[list[ListedFields]]:
    # The lists of a cluster's nodes are merged by these times, so they are always read.
    asked: list[Field] = ["accessed", "created", *names]

    def read(reply: Any) -> list[ListedFields]:
        return [
            ListedFields(
                as_text(key),
                accessed,
                created,
                read_fields(names, about),
                _pairs(pointers, values),
            )
            for key, (accessed, created, *about), *values in reply
        ]

    words: list[Word] = ["SESSION.LIST", user, *value_words(limit=limit), *field_words(asked)]
    return _call_of(words + _path_words(pointers), read)


def _path_words(pointers: Sequence[str]) -> list[Word]:
    return ["PATH", *pointers] if pointers else []


def revoke(
    user: str, keep: Sequence[str], only: Sequence[str] | None, *, limit: int | None
) -> Call[int]:
    words: list[Word] = ["SESSION.REVOKE", user, *value_words(limit=limit)]
    if keep:
        words += ["EXCEPT", *keep]
    if only is not None:
        words += ["ONLY", *only]
    return _call_of(words, int)


def schema_set(
    name: str, schema: Any, *, assert_format: bool, nx: bool, prefix: str | None
) -> Call[None]:
    words: list[Word] = ["SESSION.SCHEMA", "SET", name, dumps(schema)]
    words += [*flag_words(assert_format=assert_format, nx=nx), *value_words(prefix=prefix)]
    return _call_of(words, lambda reply: None)


def schema_check(name: str, data: Any) -> Call[None]:
    return _call_of(["SESSION.SCHEMA", "CHECK", name, dumps(data)], read_nothing)


def schema_get(name: str) -> Call[str | None]:
    return _call_of(["SESSION.SCHEMA", "GET", name], optional_text)


def schema_delete(names: Sequence[str]) -> Call[int]:
    return _call_of(["SESSION.SCHEMA", "DEL", *names], int)


def schema_list() -> Call[list[SchemaEntry]]:
    return _call_of(
        ["SESSION.SCHEMA", "LIST"], lambda reply: [SchemaEntry.read(entry) for entry in reply]
    )


def read_created(reply: Any) -> Created:
    if isinstance(reply, (list, tuple)):
        return Created(as_text(reply[0]), as_text(reply[1]))
    return Created(as_text(reply))


def read_session(reply: Any) -> Session | None:
    return None if reply is None else Session(as_text(reply))


def read_detailed(reply: Any) -> DetailedSession | None:
    return None if reply is None else DetailedSession(as_text(reply[1]), Info.of(reply[0]))


def read_nothing(reply: Any) -> None:
    return None


def read_made(reply: Any) -> bool:
    return reply is not None


def _at_least_one(pointers: Sequence[str]) -> Sequence[str]:
    if not pointers:
        raise ValueError("name at least one pointer")
    return pointers


def _found(pointers: Sequence[str], reply: Any) -> dict[str, Any]:
    return _pairs(pointers, reply if isinstance(reply, (list, tuple)) else [reply])


def _pairs(pointers: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """The values that were found, parsed, by pointer. A JSON null counts as found."""
    return {p: loads(as_text(v)) for p, v in zip(pointers, values, strict=True) if v is not None}
