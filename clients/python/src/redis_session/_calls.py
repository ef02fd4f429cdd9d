"""Every command as a Call: the words to send, the function that reads the reply, and the key.

The synchronous and the asynchronous client share these, and add only the sending. Nothing here
talks to a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._json import dumps, loads
from ._options import Expiry, Word, encoded, expiry_words, flag_words, value_words
from .results import (
    Created,
    DetailedSession,
    Info,
    Listed,
    SchemaEntry,
    Session,
    as_text,
    optional_text,
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
    token: bool = False,
    expiry: Expiry,
) -> Call[T]:
    words: list[Word] = ["SESSION.SET", key, dumps(data)]
    words += flag_words(nx=nx, token=token)
    words += value_words(if_version=if_version, schema=schema, user=user, max_sessions=max_sessions)
    return _call_of(words + expiry_words(expiry), read, key)


def rotate(
    key: str,
    pattern: str,
    *,
    token: bool,
    grace: int | None,
    patch: Any,
    schema: str | None,
    user: str | None,
    max_sessions: int | None,
    expiry: Expiry,
) -> Call[Created]:
    words: list[Word] = ["SESSION.ROTATE", key, pattern, *flag_words(token=token)]
    words += value_words(grace=grace, patch=None if patch is None else dumps(patch))
    words += value_words(schema=schema, user=user, max_sessions=max_sessions)
    return _call_of(words + expiry_words(expiry), read_created, key)


def get(key: str, *, no_touch: bool, with_info: bool) -> Call[Session | None]:
    words: list[Word] = ["SESSION.GET", key, *flag_words(no_touch=no_touch, with_info=with_info)]
    return _call_of(words, read_detailed if with_info else read_session, key)


def get_paths(key: str, pointers: Sequence[str], *, no_touch: bool) -> Call[dict[str, Any] | None]:
    # For a single pointer a nil reply is ambiguous: no value, or no session. With WITHINFO it means
    # that there is no session.
    words: list[Word] = ["SESSION.GET", key, *flag_words(no_touch=no_touch), "WITHINFO", "PATH"]

    def read(reply: Any) -> dict[str, Any] | None:
        return None if reply is None else _found(pointers, reply[1])

    return _call_of([*words, *_at_least_one(pointers)], read, key)


def verify(
    key: str, schemas: Iterable[str], *, fresh: int | None, no_touch: bool, with_info: bool
) -> Call[Session | None]:
    words: list[Word] = ["SESSION.VERIFY", key]
    for name in schemas:
        words += ["SCHEMA", name]
    words += [*value_words(fresh=fresh), *flag_words(no_touch=no_touch, with_info=with_info)]
    return _call_of(words, read_detailed if with_info else read_session, key)


def touch(key: str, expiry: Expiry) -> Call[bool]:
    return _call_of(["SESSION.TOUCH", key, *expiry_words(expiry)], bool, key)


def patch(key: str, changes: Any, *, if_version: int | None, expiry: Expiry) -> Call[int]:
    words: list[Word] = ["SESSION.PATCH", key, dumps(changes), *value_words(if_version=if_version)]
    return _call_of(words + expiry_words(expiry), int, key)


def pop(key: str, pointers: Sequence[str]) -> Call[dict[str, Any]]:
    def read(reply: Any) -> dict[str, Any]:
        return _found(pointers, reply)

    return _call_of(["SESSION.POP", key, *_at_least_one(pointers)], read, key)


def delete(keys: Sequence[str]) -> Call[int]:
    return _call_of(["SESSION.DEL", *keys], int, keys[0])


def info(key: str) -> Call[Info | None]:
    return _call_of(["SESSION.INFO", key], lambda r: None if r is None else Info.read(r), key)


def list_user(user: str, pointers: Sequence[str]) -> Call[list[Listed]]:
    def read(reply: Any) -> list[Listed]:
        return [
            Listed(as_text(key), Info.read(about), _pairs(pointers, values))
            for key, about, *values in reply
        ]

    paths: list[Word] = ["PATH", *pointers] if pointers else []
    return _call_of(["SESSION.LIST", user, "WITHINFO", *paths], read)


def revoke(user: str, keep: Sequence[str], only: Sequence[str] | None) -> Call[int]:
    words: list[Word] = ["SESSION.REVOKE", user]
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


def schema_get(name: str) -> Call[str | None]:
    return _call_of(["SESSION.SCHEMA", "GET", name], optional_text)


def schema_check(name: str, data: Any) -> Call[None]:
    return _call_of(["SESSION.SCHEMA", "CHECK", name, dumps(data)], lambda reply: None)


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
    return None if reply is None else DetailedSession(as_text(reply[1]), Info.read(reply[0]))


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
