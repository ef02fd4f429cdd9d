"""The session cookie: its name, its attributes, and how it is read (RFC 6265)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..results import Info

_HOST = "__Host-"
FOREVER = 400 * 86400
"""Seconds: the longest Max-Age that browsers accept. For a remembered session without deadline."""


@dataclass(frozen=True)
class CookiePolicy:
    """`__Host-session; HttpOnly; Secure; SameSite=Lax; Path=/`, with no Domain.

    Because of the prefix, browsers refuse a cookie of this name from another host or from http, so
    no neighbouring host can plant one. `insecure` is for http on your own machine: it drops Secure
    and also the prefix, which browsers accept only together with Secure.
    """

    name: str = "session"
    insecure: bool = False
    same_site: Literal["Lax", "Strict", "None"] = "Lax"

    def __post_init__(self) -> None:
        bare = self.name.removeprefix(_HOST)
        if not bare or not all(c.isalnum() or c in "-_." for c in bare) or not bare.isascii():
            raise ValueError(f"{self.name!r} is no name for a cookie")
        if self.insecure and self.same_site == "None":
            raise ValueError("SameSite=None needs Secure")

    @cached_property
    def full_name(self) -> str:
        """The cookie's name with its prefix."""
        bare = self.name.removeprefix(_HOST)
        return bare if self.insecure else _HOST + bare

    def set(self, value: str, max_age: int | None = None) -> str:
        """The Set-Cookie header. Without `max_age` (seconds) the cookie ends with the browser."""
        return self._header(value, max_age)

    def delete(self) -> str:
        """The Set-Cookie header that removes the cookie; its attributes must match those it has."""
        return self._header('""', 0) + "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"

    def _header(self, value: str, max_age: int | None) -> str:
        parts = [f"{self.full_name}={value}", "Path=/", "HttpOnly", f"SameSite={self.same_site}"]
        if not self.insecure:
            parts.append("Secure")
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        return "; ".join(parts)

    def read(self, headers: Iterable[str]) -> list[str]:
        """All values of this cookie in Cookie headers; a request can carry several."""
        # Strip only what RFC 6265 calls whitespace. Browsers enforce the prefix by the name's first
        # bytes; str.strip() without arguments would turn "\xa0__Host-session" into our name.
        pairs = [p.strip(" \t").partition("=") for header in headers for p in header.split(";")]
        return [value.strip('"') for name, _, value in pairs if name == self.full_name and value]


def max_age(info: Info) -> int:
    """Max-Age of a cookie that lasts to the session's deadline: seconds, by the server's clock."""
    if info.deadline is None:
        return FOREVER
    return max(1, (info.deadline - info.accessed) // 1000)
