"""What a SessionMiddleware was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .._options import Expiry
from ..web import Backend, Frontend


@dataclass(frozen=True)
class Settings:
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
        """The expiry of a new session, and of a login."""
        expiry = Expiry()
        if self.lifetime is not None:
            expiry["ex"] = self.lifetime
        if self.idle is not None:
            expiry["idle"] = self.idle
        return expiry

    @property
    def rolled(self) -> Expiry:
        """The expiry that goes with a change of a session that goes on."""
        return self.new if self.rolling else Expiry()

    def user_of(self, data: dict[str, Any]) -> str | None:
        """The user whom the data names; None where it names none, or is not asked."""
        named = data.get(self.user) if self.user is not None else None
        if named is None or named == "":
            return None
        if isinstance(named, bool) or not isinstance(named, (str, int)):
            raise TypeError(
                f"the session's {self.user!r} names its user, as a str or an int, "
                f"and is a {type(named).__name__}"
            )
        return str(named)
