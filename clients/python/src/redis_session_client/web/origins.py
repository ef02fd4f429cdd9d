"""Origins: whose pages may open a WebSocket, or send a request that changes something.

A browser sends the cookie whichever page makes the request, but it also says whose page that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .arguments import check_list
from .frontends import CookieFrontend, Frontend

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

_PORTS = {"https": ":443", "http": ":80"}
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s@]+/?", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def origin_schemes(frontends: Iterable[Frontend]) -> set[str]:
    """The URL schemes of our own pages: https, and http if a cookie's policy is insecure."""
    insecure = any(isinstance(f, CookieFrontend) and f.policy.insecure for f in frontends)
    return {"https", "http"} if insecure else {"https"}


class Origins:
    """Our own origin, which is the request's Host, and the listed others.

    TypeError if `others` is no list, ValueError if an item is no `https://host` or
    `https://host:port`.
    """

    def __init__(self, schemes: Iterable[str], others: Iterable[str] = ()) -> None:
        check_list(others, "origins", "origins, such as ['https://app.example.org']")
        for origin in others:
            if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!a} is no origin; one is https://app.example.org")
        self._schemes = frozenset(schemes)
        self._others = {_plain(origin.rstrip("/").lower()) for origin in others}

    def admit(self, connection: HTTPConnection) -> bool:
        """Whether the Origin is ours or listed. A browser adds one whenever it opens a socket."""
        return self._known(connection.headers.get("origin", ""), connection)

    def admit_method(self, method: str, connection: HTTPConnection) -> bool:
        """Whether a request of this method may use what a browser sends by itself.

        A safe method may. Otherwise the Origin says whose page sent it, else the Referer, else
        Sec-Fetch-Site. A request without any of them is no browser's.
        """
        if method in _SAFE:
            return True
        headers = connection.headers
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin != "null":
            return self._known(origin, connection)
        # A page with Referrer-Policy: no-referrer sends `Origin: null` to its own site too.
        if origin is None and (referer := headers.get("referer")) is not None:
            return self._known("/".join(referer.split("/", 3)[:3]), connection)
        if site is not None:
            return site in ("same-origin", "none")
        return origin is None

    def _known(self, origin: str, connection: HTTPConnection) -> bool:
        origin = _plain(origin.lower())
        if origin in self._others:
            return True
        scheme, _, host = origin.partition("://")
        if not host or scheme not in self._schemes:
            return False
        ours = connection.headers.get("host", "").lower()
        return host == ours.removesuffix(_PORTS[scheme])


def _plain(origin: str) -> str:
    """The origin without the port that its scheme has anyway."""
    return origin.removesuffix(_PORTS.get(origin.partition("://")[0], " "))
