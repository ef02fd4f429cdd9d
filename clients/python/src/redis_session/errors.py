"""What the server refuses, as exceptions: one class for each error code of the module."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redis.exceptions import ResponseError


@dataclass(frozen=True)
class Violation:
    """One place in the data that a schema does not accept, and the rule that says so.

    The server shows no value of the data; both are ASCII, with anything else escaped.
    """

    pointer: str
    rule: str


class SessionError(ResponseError):
    """Base class. Raised as itself for what has no code of its own: limits, names, syntax."""

    code = "ERR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadJSON(SessionError):
    """Data or a patch is not strict JSON."""

    code = "BADJSON"


class Invalid(SessionError):
    """The data does not satisfy a schema."""

    code = "INVALID"
    schema: str
    """The schema's name."""
    violations: tuple[Violation, ...]
    """The first violations, five at most."""
    more: int | None
    """How many there are beyond those; None where the server stopped counting."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        match = re.match(r"schema '(.*?)': (.*)$", message)
        self.schema = match[1] if match else ""
        told = match[2] if match else message
        self.more = 0
        if match := re.search(r"(?:^|; )and (?:(\d+) )?more$", told):
            self.more = int(match[1]) if match[1] else None
            told = told[: match.start()]
        # A violation begins with a pointer, so a "; " before anything else is part of a rule.
        parts = re.split(r"; (?=/|\(root\): )", told) if told else []
        split = (part.partition(": ") for part in parts)
        self.violations = tuple(
            Violation("" if pointer == "(root)" else pointer, rule) for pointer, _, rule in split
        )


class BadSchema(SessionError):
    """A schema is not one, or asks for what is not allowed."""

    code = "BADSCHEMA"


class NoSchema(SessionError):
    """There is no schema of that name. Register it with schema_set."""

    code = "NOSCHEMA"
    name: str
    """The schema's name."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        match = re.search(r"no schema '(.*)'; register", message)
        self.name = match[1] if match else ""


class Conflict(SessionError):
    """The version is another one, a JSON Patch does not apply, or a schema's name is taken."""

    code = "CONFLICT"
    version: int | None
    """The session's present version, where `if_version` asked for another."""
    operation: int | None
    """The operation that could not be applied, counted from 0."""

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
    """A write to a session that is not live. Nothing was written."""

    code = "NOSESSION"


class WrongType(SessionError):
    """The key holds something that is no session."""

    code = "WRONGTYPE"


class OtherUser(SessionError):
    """A rotation named a user, and the session has another. End it, and make a new one."""


_BY_CODE: dict[str, type[SessionError]] = {
    error.code: error
    for error in (BadJSON, Invalid, BadSchema, NoSchema, Conflict, Stale, NoSession, WrongType)
}


def translated(error: ResponseError) -> ResponseError:
    """The exception of this package for what redis-py made of the server's error.

    Errors that redis-py has a class for (NOPERM, OOM, READONLY, ...) stay what they are.
    """
    if type(error) is not ResponseError:
        return error
    text = str(error)
    code, _, message = text.partition(" ")
    if code in _BY_CODE:
        return _BY_CODE[code](message)
    # redis-py takes "ERR " off.
    if text.startswith("the session has another user"):
        return OtherUser(text)
    if re.match(r"[A-Z]{2,} ", text):
        return error  # another code of core's: CROSSSLOT, MISCONF, NOREPLICAS, ...
    return SessionError(text)
