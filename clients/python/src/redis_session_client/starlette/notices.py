"""Notices: what an application does with sessions that cannot work, told once in the log.

None of it is an error of a request, so the request is answered.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.types import Message

from .settings import Settings

if TYPE_CHECKING:
    from .visit import Visit

log = logging.getLogger("redis_session_client")


class Notices:
    """What one SessionMiddleware has told so far."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: set[str] = set()
        self._cookies = [
            one.name.encode("latin-1") + b"="
            for one in settings.frontends
            if one.location == "cookie"
        ]

    def _tell(self, text: str, *values: object) -> None:
        if text not in self._told:
            self._told.add(text)
            log.warning(text, *values)

    def shared(self, outer: Visit) -> None:
        """This middleware is inside of another one that has the same cookie."""
        if not outer.same_backend(self._settings):
            self._tell(
                "a SessionMiddleware is inside of another one with the same cookie but another "
                "backend, so the outer one's is used; give it a cookie of another name"
            )

    def response(self, visit: Visit, message: Message) -> None:
        """A response begins."""
        if visit.replaced:
            self._tell(
                'scope["session"] has been replaced by another dict, which is not stored here (the '
                "middleware of a mounted application may store it); to replace the session's "
                "content, call clear() and update() of request.session"
            )
        for name, value in message.get("headers", ()):
            if name.lower() == b"set-cookie" and any(map(value.startswith, self._cookies)):
                self._cookie(value.decode("latin-1"))

    def _cookie(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value = rest.partition(";")[0].strip('"')
        # A guard of redis_session_client.fastapi may give or take the same session's ticket.
        if value and not self._settings.backend.shaped(value):
            self._tell(
                "another part of the application sets a cookie of the same name, %s, which takes "
                "the place of the session's; give one of them another name",
                name,
            )
