"""Errors of the module as exceptions: one class for each error code.

All are redis.ResponseError, so code that catches redis-py's errors catches these too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError


@dataclass(frozen=True)
class Violation:
    """A place in the data (a JSON Pointer) and the rule of the schema that it breaks.

    Both are ASCII, with other characters escaped. The server never reveals the value itself.
    """

    pointer: str
    rule: str


class SessionError(ResponseError):
    """The base class. Errors of limits, names and syntax have no class of their own."""

    code = "ERR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadJSON(SessionError):
    """The data or a patch is not strict JSON."""

    code = "BADJSON"


class Invalid(SessionError):
    """The data does not satisfy a schema."""

    code = "INVALID"
    schema: str
    """The schema's name."""
    violations: tuple[Violation, ...]
    """The first violations, five at most."""
    more: int | None
    """The number of further violations; None if the server stopped counting."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        match = re.match(r"schema '(.*?)': (.*)$", message)
        self.schema = match[1] if match else ""
        told = match[2] if match else message
        self.more = 0
        if match := re.search(r"(?:^|; )and (?:(\d+) )?more$", told):
            self.more = int(match[1]) if match[1] else None
            told = told[: match.start()]
        # Each violation begins with a pointer. A "; " that no pointer follows is part of a rule.
        parts = re.split(r"; (?=/|\(root\): )", told) if told else []
        split = (part.partition(": ") for part in parts)
        self.violations = tuple(
            Violation("" if pointer == "(root)" else pointer, rule) for pointer, _, rule in split
        )


class BadSchema(SessionError):
    """The text is no JSON Schema, or uses a feature that the server does not allow."""

    code = "BADSCHEMA"


class NoSchema(SessionError):
    """No schema has this name. Register it with schema_set."""

    code = "NOSCHEMA"
    name: str
    """The schema's name."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        match = re.search(r"no schema '(.*)'; register", message)
        self.name = match[1] if match else ""


class Conflict(SessionError):
    """The version differs, a JSON Patch does not apply, or another schema has the name."""

    code = "CONFLICT"
    version: int | None
    """The session's present version, if that is not `if_version`."""
    operation: int | None
    """The index, from 0, of the operation of a JSON Patch that does not apply."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        match = re.match(r"the version is (\d+)", message)
        self.version = int(match[1]) if match else None
        match = re.match(r"operation (\d+)", message)
        self.operation = int(match[1]) if match else None


class Stale(SessionError):
    """The user authenticated longer ago than `fresh` allows, or never."""

    code = "STALE"


class NoSession(SessionError):
    """A write to a session that is not live. It changed nothing."""

    code = "NOSESSION"


class WrongType(SessionError):
    """The key holds a value that is no session."""

    code = "WRONGTYPE"


class OtherUser(SessionError):
    """A rotation names a user, but the session has another. End it, and create a new one."""

    code = "OTHERUSER"


class TooMany(SessionError):
    """The user has `max_sessions` live sessions already, and the call asked to refuse more."""

    code = "TOOMANY"


class ModuleMissing(SessionError):
    """The server has not loaded the module, so it knows none of these commands."""

    def __init__(self, client: Any = None) -> None:
        super().__init__(
            f"the server{_address(client)} has not loaded the module redis-session: add a line "
            "loadmodule with the path of libredis_session.so to its configuration"
        )


def _address(client: Any) -> str:
    """` at host:port` of a client of redis-py; for a Sentinel's, the name of the primary."""
    manager = getattr(client, "nodes_manager", None)
    node = getattr(manager, "default_node", None)
    if node is not None:
        return f" at {node.host}:{node.port}, or another node of its cluster,"
    pool = getattr(client, "connection_pool", None)
    if (service := getattr(pool, "service_name", None)) is not None:
        return f" that the Sentinels name as {service}"
    options = getattr(pool, "connection_kwargs", {})
    if "path" in options:
        return f" at {options['path']}"
    return f" at {options['host']}:{options.get('port', 6379)}" if "host" in options else ""


_BY_CODE: dict[str, type[SessionError]] = {
    error.code: error
    for error in (
        BadJSON,
        Invalid,
        BadSchema,
        NoSchema,
        Conflict,
        Stale,
        NoSession,
        WrongType,
        OtherUser,
        TooMany,
    )
}


_WORDS = {"ACCESSED", "AUTHENTICATED", "CLUSTER", "CREATED", "FIELDS", "FRESH", "GRACE", "LIMIT"}
_WORDS |= {"MAXSESSIONS", "REFUSE", "TOKEN", "USER"}
"""Words with which an error of the code ERR can begin: redis-py removes that code."""


def translated(error: ResponseError, client: Any = None) -> ResponseError:
    """This package's exception for an error that redis-py raised.

    The error of a server without the module names the server of `client`. It does not repeat the
    server's own text, which shows the command's arguments.

    Errors for which redis-py has a class of its own (NOPERM, OOM, READONLY, ...) are returned
    unchanged, and so are other errors of the server's core.
    """
    if type(error) is not ResponseError:
        return error
    text = str(error)
    if re.match(r"unknown command ['`]SESSION\.[A-Z]", text, re.IGNORECASE):
        return ModuleMissing(client)
    code, _, message = text.partition(" ")
    if code in _BY_CODE:
        return _BY_CODE[code](message)
    if re.match(r"[A-Z]{2,} ", text) and code not in _WORDS:
        return error  # a code of the server's core: CROSSSLOT, MISCONF, NOREPLICAS, ...
    # redis-py has removed "ERR " from these.
    return SessionError(text)
