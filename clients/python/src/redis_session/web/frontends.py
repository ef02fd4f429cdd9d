"""Where a request carries its ticket, and how a new one gets back to the client.

A ticket is what opens a session: a bearer token, or a bare ID where that was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from .cookies import CookiePolicy

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import Message

Headers = list[tuple[str, str]]


class Frontend(Protocol):
    """Write your own with these. The first three are for OpenAPI and the 401's challenge."""

    location: Literal["cookie", "header", "query"]
    name: str
    challenge: str
    """The scheme that WWW-Authenticate names."""
    ambient: bool
    """Whether a browser sends it by itself, so that other sites can make it do so."""

    def tickets(self, connection: HTTPConnection) -> list[str]:
        """All that the request carries here. They are not trusted, nor checked, yet."""

    def give(self, ticket: str, max_age: int | None) -> Headers:
        """Headers of a response that hand out a new ticket."""

    def take(self, connection: HTTPConnection) -> Headers:
        """Headers of a response that take the ticket back."""


class CookieFrontend(Frontend):
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

    A new ticket is in the response's header of the same name; for Authorization, which is no
    header of responses, the route sends it in the body.
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
    """What an application gave as its frontends; a cookie where it gave none."""
    if not frontends:
        return [CookieFrontend(CookiePolicy(insecure=insecure))]
    if insecure:
        raise TypeError("frontends have their own policy: CookiePolicy(insecure=True)")
    return list(frontends)


def _uncached(headers: Headers) -> Headers:
    """No cache may keep a response that has a ticket in it, or that took one away."""
    return [*headers, ("cache-control", "no-store")]


def add_headers(message: Message, headers: Headers) -> None:
    """To the start of a response. Cookies come to those that it sets; others replace its own."""
    ours = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    cookies = [header for header in ours if header[0] == b"set-cookie"]
    others = {name: value for name, value in ours if name != b"set-cookie"}
    kept = [header for header in message.get("headers", ()) if header[0].lower() not in others]
    message["headers"] = [*kept, *cookies, *others.items()]


class Disagreement(Exception):
    """A request that carries two different tickets. Neither is taken."""


def find_ticket(
    frontends: Sequence[Frontend], connection: HTTPConnection, shaped: Callable[[str], bool]
) -> tuple[str, Frontend] | None:
    """The request's ticket, from the first frontend that has one of the right shape."""
    found: list[tuple[str, Frontend]] = [
        (ticket, frontend)
        for frontend in frontends
        for ticket in frontend.tickets(connection)
        if shaped(ticket)
    ]
    if len({ticket for ticket, _ in found}) > 1:
        raise Disagreement
    return found[0] if found else None
