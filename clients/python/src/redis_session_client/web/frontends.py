"""Frontends: where a request carries its ticket, and how the client gets a new one.

All frontends of a request are read. Two different tickets are refused and not ranked, because one
of them may have been planted by an attacker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from .arguments import check_list
from .cookies import CookiePolicy

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import Message

Headers = list[tuple[str, str]]

_VARIES = {"cookie": "Cookie", "query": ""}
"""The header in which a location is found; for a header, its own name. The URL is none."""
_PRIVATE = re.compile(rb"(?:^|,)\s*(?:private|no-store|no-cache)\s*(?:$|,|=)")
"""A Cache-Control that keeps a response out of shared caches."""


class Frontend(Protocol):
    """The protocol for a frontend of your own.

    OpenAPI and the challenge of a 401 use the first three attributes.
    """

    location: Literal["cookie", "header", "query"]
    name: str
    challenge: str
    """The scheme in the WWW-Authenticate header."""
    ambient: bool
    """Whether a browser sends it by itself, so that another site's page can make it do so."""

    def tickets(self, connection: HTTPConnection) -> list[str]:
        """All tickets of the request, unchecked: they may have any shape."""
        ...

    def give(self, ticket: str, max_age: int | None) -> Headers:
        """Response headers that give the client a new ticket. `max_age` is in seconds."""
        ...

    def take(self, connection: HTTPConnection) -> Headers:
        """Response headers that remove the ticket from the client."""
        ...


class CookieFrontend(Frontend):
    """A cookie, with the name and attributes of the policy."""

    location: Literal["cookie", "header", "query"] = "cookie"
    challenge = "Cookie"
    ambient = True

    def __init__(self, policy: CookiePolicy | None = None) -> None:
        self.policy = policy or CookiePolicy()
        self.name = self.policy.full_name

    def tickets(self, connection: HTTPConnection) -> list[str]:
        return self.policy.read(connection.headers.getlist("cookie"))

    def give(self, ticket: str, max_age: int | None) -> Headers:
        return _uncached([("set-cookie", self.policy.set(ticket, max_age))])

    def take(self, connection: HTTPConnection) -> Headers:
        if not self.tickets(connection):
            return []
        return _uncached([("set-cookie", self.policy.delete())])


class HeaderFrontend(Frontend):
    """A header of your own, or `Authorization: Bearer …`.

    A new ticket goes into the response's header of the same name. Authorization is no response
    header, so there the route has to send the ticket in the body.
    """

    location: Literal["cookie", "header", "query"] = "header"
    ambient = False

    def __init__(self, name: str = "Authorization") -> None:
        self.name = name
        self._bearer = name.lower() == "authorization"
        self.challenge = "Bearer" if self._bearer else "ApiKey"

    def tickets(self, connection: HTTPConnection) -> list[str]:
        values = connection.headers.getlist(self.name)
        if not self._bearer:
            return [value for value in values if value]
        split = (value.partition(" ") for value in values)
        return [token.strip() for scheme, _, token in split if scheme.lower() == "bearer" and token]

    def give(self, ticket: str, max_age: int | None) -> Headers:
        return _uncached([] if self._bearer else [(self.name.lower(), ticket)])

    def take(self, connection: HTTPConnection) -> Headers:
        return []


def frontends_of(frontends: Sequence[Frontend] | None, insecure: bool) -> list[Frontend]:
    """The frontends of an application's settings; by default one cookie.

    TypeError with `insecure` and frontends, which have their own policy, and for what is no list of
    frontends. ValueError for two of one name, which would both set the same cookie or header.
    """
    if frontends is None:
        return [CookieFrontend(CookiePolicy(insecure=insecure))]
    check_list(frontends, "frontends", "frontends, such as [CookieFrontend()]")
    if insecure:
        raise TypeError("frontends have their own policy: CookiePolicy(insecure=True)")
    for frontend in frontends:
        if not hasattr(frontend, "tickets"):
            raise TypeError(f"a frontend is no {type(frontend).__name__}: CookieFrontend() is one")
    names = [(frontend.location, frontend.name.lower()) for frontend in frontends]
    if not names or len(set(names)) < len(names):
        raise ValueError("frontends are one or more, each with a name of its own")
    return list(frontends)


def _uncached(headers: Headers) -> Headers:
    """Adds no-store: no cache may keep a response that carries or removes a ticket."""
    return [*headers, ("cache-control", "no-store")]


def add_headers(message: Message, headers: Headers) -> None:
    """Adds headers to the message that starts a response.

    Set-Cookie is added to the response's own; any other header replaces the response's own.
    """
    ours = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    cookies = [header for header in ours if header[0] == b"set-cookie"]
    others = {name: value for name, value in ours if name != b"set-cookie"}
    kept = [header for header in message.get("headers", ()) if header[0].lower() not in others]
    message["headers"] = [*kept, *cookies, *others.items()]


def mark_private(message: Message, frontends: Sequence[Frontend], no_store: bool = True) -> None:
    """Tells caches that the response depends on the session: call it on the response's start.

    Vary gets the names of the headers that the frontends read. With `no_store`, Cache-Control is
    no-store, unless the response says private, no-store or no-cache itself.
    """
    headers = [header for header in message.get("headers", ()) if header[0].lower() != b"vary"]
    names = [
        name.strip()
        for header in message.get("headers", ())
        if header[0].lower() == b"vary"
        for name in header[1].decode("latin-1").split(",")
    ]
    there = {name.lower() for name in names}
    if "*" not in there:
        for frontend in frontends:
            name = _VARIES.get(frontend.location, frontend.name)
            if name and name.lower() not in there:
                names.append(name)
                there.add(name.lower())
    if names:
        headers.append((b"vary", ", ".join(names).encode("latin-1")))
    if no_store:
        own = [value for name, value in headers if name.lower() == b"cache-control"]
        if not _PRIVATE.search(b",".join(own).lower()):
            headers = [header for header in headers if header[0].lower() != b"cache-control"]
            headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers


class Disagreement(Exception):
    """The request carries two different tickets. Neither is used."""


def find_ticket(
    frontends: Sequence[Frontend], connection: HTTPConnection, shaped: Callable[[str], bool]
) -> tuple[str, Frontend] | None:
    """The request's ticket and its frontend: the first frontend with a well-shaped ticket."""
    found: list[tuple[str, Frontend]] = [
        (ticket, frontend)
        for frontend in frontends
        for ticket in frontend.tickets(connection)
        if shaped(ticket)
    ]
    if len({ticket for ticket, _ in found}) > 1:
        raise Disagreement
    return found[0] if found else None
