"""Settings: the arguments of a SessionMiddleware, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .._options import Expiry, new_session_expiry
from ..web.frontends import Frontend
from ..web.protocol import Backend


@dataclass(frozen=True)
class Settings:
    """See SessionMiddleware for the meaning of each."""

    backend: Backend
    frontends: Sequence[Frontend]
    lifetime: int | timedelta | None
    idle: int | timedelta | None
    rolling: bool
    remember: bool
    schema: str | None
    user: str | None
    max_sessions: int | None
    rotate_on: frozenset[str]
    grace: int | None

    @property
    def new(self) -> Expiry:
        """The timeouts of a new session and of a login."""
        return new_session_expiry(self.lifetime, self.idle)

    @property
    def rolled(self) -> Expiry:
        """The timeouts to send with a change of a live session: new ones only if `rolling`."""
        return self.new if self.rolling else Expiry()

    def user_of(self, data: dict[str, Any]) -> str | None:
        """The user that the data names, or None. Always None without the `user` setting.

        TypeError if the member is neither a str nor an int.
        """
        named = data.get(self.user) if self.user is not None else None
        if named is None or named == "":
            return None
        if isinstance(named, bool) or not isinstance(named, (str, int)):
            raise TypeError(
                f"the session's {self.user!r} names its user, as a str or an int, "
                f"and is a {type(named).__name__}"
            )
        return str(named)
