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
    """A cookie, with the name and attributes of the policy.

    `imported` is the cookie that people have of the library that the application used before, by
    its name or, if it has a Path or a Domain, by its policy. It is read where the other is absent.
    A response that gives or removes a session's cookie removes it.
    """

    location: Literal["cookie", "header", "query"] = "cookie"
    challenge = "Cookie"
    ambient = True

    def __init__(
        self, policy: CookiePolicy | None = None, *, imported: str | CookiePolicy | None = None
    ) -> None:
        self.policy = policy or CookiePolicy()
        self.name = self.policy.full_name
        self.imported = None if imported is None else old_policy(imported)
        """The policy of the old cookie. It can have the name of the other."""

    @property
    def _old(self) -> list[CookiePolicy]:
        return (
            [] if self.imported is None or self.imported.full_name == self.name else [self.imported]
        )

    def tickets(self, connection: HTTPConnection) -> list[str]:
        headers = connection.headers.getlist("cookie")
        found = self.policy.read(headers)
        # What stands beside the cookie may have been planted, and counts for nothing.
        return found or [ticket for old in self._old for ticket in old.read(headers)]

    def carries_old(self, connection: HTTPConnection) -> bool:
        """Whether the ticket of the request is in the old cookie, which keeps the age it has."""
        return bool(self._old and self.tickets(connection)) and not self.policy.read(
            connection.headers.getlist("cookie")
        )

    def give(self, ticket: str, max_age: int | None) -> Headers:
        removed = [("set-cookie", old.delete()) for old in self._old]
        return _uncached([("set-cookie", self.policy.set(ticket, max_age)), *removed])

    def take(self, connection: HTTPConnection) -> Headers:
        headers = connection.headers.getlist("cookie")
        there = [policy for policy in (self.policy, *self._old) if policy.read(headers)]
        return _uncached([("set-cookie", p.delete()) for p in there]) if there else []


def old_policy(cookie: str | CookiePolicy) -> CookiePolicy:
    """The policy of a cookie that is given by its name, or as a policy.

    TypeError for what is neither, and ValueError for a name that no cookie has.
    """
    if isinstance(cookie, CookiePolicy):
        return cookie
    if not isinstance(cookie, str):
        raise TypeError(
            "imported is the name of the cookie that people have, such as 'session', or its "
            f"CookiePolicy, not {cookie!a}"
        )
    return CookiePolicy(cookie, insecure=not cookie.startswith(("__Host-", "__Secure-")))


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


def frontends_of(
    frontends: Sequence[Frontend] | None,
    insecure: bool,
    imported: str | CookiePolicy | None = None,
) -> list[Frontend]:
    """The frontends of an application's settings; by default one cookie.

    TypeError with frontends and `insecure` or `imported`, which are settings of theirs, and for
    what is no list of frontends. ValueError for two of one name, which would both set the same
    cookie or header.
    """
    if frontends is None:
        return [CookieFrontend(CookiePolicy(insecure=insecure), imported=imported)]
    check_list(frontends, "frontends", "frontends, such as [CookieFrontend()]")
    if insecure:
        raise TypeError("frontends have their own policy: CookiePolicy(insecure=True)")
    if imported is not None:
        raise TypeError(
            f"frontends read the old cookie themselves: CookieFrontend(imported={imported!a})"
        )
    for frontend in frontends:
        if not hasattr(frontend, "tickets"):
            raise TypeError(f"a frontend is no {type(frontend).__name__}: CookieFrontend() is one")
    names = [(frontend.location, frontend.name.lower()) for frontend in frontends]
    if not names or len(set(names)) < len(names):
        raise ValueError("frontends are one or more, each with a name of its own")
    return list(frontends)


def takes_imported(frontends: Sequence[Frontend]) -> bool:
    """Whether one of them reads the cookies of imported sessions."""
    return any(getattr(frontend, "imported", None) is not None for frontend in frontends)


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
