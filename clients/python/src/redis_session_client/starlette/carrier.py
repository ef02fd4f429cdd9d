"""Carrier: where a request carries its ticket, and the headers that give or remove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import HTTPConnection

from ..web.frontends import Frontend, Headers, find_ticket


class Carrier:
    """One request, as far as its ticket is concerned."""

    def __init__(
        self,
        frontends: Sequence[Frontend],
        shaped: Callable[[str], bool],
        connection: HTTPConnection,
    ) -> None:
        self._frontends = frontends
        self._shaped = shaped
        self.connection = connection
        self.frontend: Frontend = frontends[0]
        """The frontend of the request's ticket; it also gets a new ticket."""
        self.headers: Headers = []
        """Response headers that give or remove the ticket."""

    def end(self) -> None:
        """Drops the request, so that it can be freed."""
        self.connection = HTTPConnection({"type": "http", "headers": []})

    @property
    def comes_by_itself(self) -> bool:
        """Whether a browser sends the request's ticket by itself. Raises as `find` does."""
        found = find_ticket(self._frontends, self.connection, self._shaped)
        return found is not None and found[1].ambient

    def find(self, *, foreign: bool = False) -> str | None:
        """The request's ticket. Raises Disagreement if the request carries two.

        With `foreign` (the request comes from another site's page), a ticket that browsers send by
        themselves is ignored.
        """
        found = find_ticket(self._frontends, self.connection, self._shaped)
        if found is None or (foreign and found[1].ambient):
            return None
        ticket, self.frontend = found
        return ticket

    @property
    def carries_old(self) -> bool:
        """Whether the request's ticket is in the cookie of another library, which has an age."""
        carries = getattr(self.frontend, "carries_old", None)
        return carries is not None and bool(carries(self.connection))

    def give(self, ticket: str, max_age: int | None) -> None:
        """Sends a new ticket with the response. `max_age` is in seconds."""
        self.headers = self.frontend.give(ticket, max_age)

    def take(self) -> None:
        """Makes the response remove the ticket from the client."""
        self.headers = [
            header for frontend in self._frontends for header in frontend.take(self.connection)
        ]
