"""The session cookie: its name, its attributes, and how it is read (RFC 6265).

A combination of attributes that browsers drop silently is a ValueError when the policy is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..results import Info

_HOST, _SECURE = "__Host-", "__Secure-"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})+", re.IGNORECASE)
_IPV4 = re.compile(r"[0-9.]+")
_PATH = re.compile(r"/[!-:<-~]*")
_LONGEST_NAME = 4000
"""Bytes. Browsers drop a cookie of more than 4096 in name and value; a token has at most 48."""
_LONGEST_PATH = 1024
"""Bytes. Browsers ignore a longer attribute, and would send the cookie everywhere."""
FOREVER = 400 * 86400
"""Seconds: the longest Max-Age that browsers accept. For a remembered session without deadline."""


@dataclass(frozen=True)
class CookiePolicy:
    """`__Host-session; HttpOnly; Secure; SameSite=Lax; Path=/`, with no Domain.

    Because of the prefix `__Host-`, browsers refuse a cookie of this name from another host or from
    http, so no neighbouring host can plant one. `insecure` is for http on your own machine: it
    drops Secure and also the prefix, which browsers accept only together with Secure.

    `domain` (`example.org`) shares the cookie with all hosts below the domain, and `path` (`/shop`)
    limits it to addresses below the path. Browsers accept `__Host-` with neither of them, so the
    prefix is then `__Secure-`, which keeps out http but not neighbouring hosts. `partitioned` gives
    a page that other sites embed one cookie for each of those sites (CHIPS); such a page needs
    `same_site="None"` too.

    ValueError for a combination that no browser takes.
    """

    name: str = "session"
    insecure: bool = False
    same_site: Literal["Lax", "Strict", "None"] = "Lax"
    partitioned: bool = False
    path: str = "/"
    domain: str | None = None

    def __post_init__(self) -> None:
        self._check_name()
        if self.same_site not in ("Lax", "Strict", "None"):
            raise ValueError(f"same_site is 'Lax', 'Strict' or 'None', not {self.same_site!a}")
        if self.insecure and self.same_site == "None":
            raise ValueError("SameSite=None needs Secure: leave out insecure")
        if self.insecure and self.partitioned:
            raise ValueError("Partitioned needs Secure: leave out insecure")
        if not isinstance(self.path, str) or not _PATH.fullmatch(self.path):
            raise ValueError(
                f"{self.path!a} is no path for a cookie: one begins with '/', and is ASCII "
                "without spaces and semicolons"
            )
        if len(self.path) > _LONGEST_PATH:
            raise ValueError(f"browsers ignore a path of more than {_LONGEST_PATH} bytes")
        if self.domain is not None:
            self._check_domain(self.domain)

    def _check_name(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"a cookie's name is a str, not a {type(self.name).__name__}")
        if len(self.name) > _LONGEST_NAME:
            raise ValueError(f"browsers drop a cookie with a name of {len(self.name)} characters")
        if not _NAME.fullmatch(_bare(self.name)):
            raise ValueError(f"{self.name!a} is no name for a cookie")
        if self.name.startswith(_HOST) and (self.domain is not None or self.path != "/"):
            raise ValueError(
                f"browsers refuse {self.name} with a Domain, or with a Path other than '/': "
                f"name the cookie {_bare(self.name)}, which then gets the prefix {_SECURE}"
            )

    def _check_domain(self, domain: str) -> None:
        # Browsers ignore a dot in front. A name without dots is a registry (com) or localhost.
        if not isinstance(domain, str) or not _DOMAIN.fullmatch(domain.removeprefix(".")):
            raise ValueError(f"{domain!a} is no domain for a cookie; one is 'example.org'")
        if _IPV4.fullmatch(domain):
            raise ValueError(f"browsers share no cookie between addresses such as {domain}")

    @cached_property
    def full_name(self) -> str:
        """The cookie's name with its prefix."""
        if self.insecure:
            return _bare(self.name)
        own = self.domain is None and self.path == "/" and not self.name.startswith(_SECURE)
        return (_HOST if own else _SECURE) + _bare(self.name)

    def set(self, value: str, max_age: int | None = None) -> str:
        """The Set-Cookie header. Without `max_age` (seconds) the cookie ends with the browser."""
        return self._header(value, max_age)

    def delete(self) -> str:
        """The Set-Cookie header that removes the cookie; its attributes must match those it has."""
        return self._header('""', 0) + "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"

    def _header(self, value: str, max_age: int | None) -> str:
        return f"{self.full_name}={value}; {self._attributes}" + (
            "" if max_age is None else f"; Max-Age={max_age}"
        )

    @cached_property
    def _attributes(self) -> str:
        parts = [f"Path={self.path}"]
        if self.domain is not None:
            parts.append(f"Domain={self.domain.removeprefix('.')}")
        parts += ["HttpOnly", f"SameSite={self.same_site}"]
        if not self.insecure:
            parts.append("Secure")
        if self.partitioned:
            parts.append("Partitioned")
        return "; ".join(parts)

    def read(self, headers: Iterable[str]) -> list[str]:
        """All values of this cookie in Cookie headers; a request can carry several."""
        # Strip only what RFC 6265 calls whitespace. Browsers enforce the prefix by the name's first
        # bytes; str.strip() without arguments would turn "\xa0__Host-session" into our name.
        pairs = [p.strip(" \t").partition("=") for header in headers for p in header.split(";")]
        return [value.strip('"') for name, _, value in pairs if name == self.full_name and value]


def _bare(name: str) -> str:
    """The name without a prefix."""
    return name.removeprefix(_HOST).removeprefix(_SECURE)


def max_age(info: Info) -> int:
    """Max-Age of a cookie that lasts to the session's deadline: seconds, by the server's clock."""
    if info.deadline is None:
        return FOREVER
    return max(1, (info.deadline - info.accessed) // 1000)
