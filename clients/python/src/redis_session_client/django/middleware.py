"""A SessionMiddleware in the place of Django's: the same, where sessions are there.

It adds what Django's own cannot do: a request whose session is missing leaves the cookie alone, a
request from before a login is answered, and a server that is away is a 503.
"""

from __future__ import annotations

import logging
import time
from http.cookies import Morsel
from typing import Any

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import http_date

from ..web.away import RETRY_AFTER
from ..web.cookies import FOREVER
from .connection import Unavailable, connection
from .legacy import is_legacy
from .store import SessionStore

log = logging.getLogger("redis_session_client")


class SessionMiddleware(DjangoSessionMiddleware):
    """As Django's, and

    - a request without a live session neither sets nor removes a cookie, unless its view does. In
      parallel requests the cookie may already be that of a login.
    - a request that keeps its session's key does not send the cookie again. Its answer could come
      after that of a login, and take the place of the login's cookie. So a cookie that outlives the
      browser has the longest Max-Age, and the server alone ends the session.
    - what a request stores that was sent before a login or a logout is dropped and logged. Django's
      middleware answers it with 400.
    - while the server of the sessions is away, the answer is 503 with Retry-After.
    - a response that sets or removes the cookie is not cached, and one that was made of a session
      not in shared caches, unless its view says otherwise. The cookie can be Partitioned.

    A session that ends during the request is SessionInterrupted (400), as with Django's.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._partitioned = connection().settings.partitioned
        if self._partitioned:
            # Python 3.14 knows the attribute. Both are names that http.cookies looks up.
            Morsel._reserved.setdefault("partitioned", "Partitioned")  # type: ignore[attr-defined]
            Morsel._flags.add("partitioned")  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session: Any = getattr(request, "session", None)
        if not isinstance(session, SessionStore):
            return super().process_response(request, response)
        try:
            if settings.SESSION_SAVE_EVERY_REQUEST:
                # Django's would begin an empty session in the place of a missing one.
                session.get("_session_expiry")
            if session.lost and not session.modified:
                patch_vary_headers(response, ("Cookie",))
                _keep_private(response, session, given=False)
                return response
            response = super().process_response(request, response)
        except SessionInterrupted:
            if not session.superseded:
                raise
            log.warning("a request from before a login or a logout stored something: dropped")
            patch_vary_headers(response, ("Cookie",))
        except Unavailable as error:
            return _away(error)
        name = settings.SESSION_COOKIE_NAME
        cookie = response.cookies.get(name)
        kept = cookie is not None and cookie.value == request.COOKIES.get(name)
        # The engine used before gave its cookies an age, which has to be renewed.
        if kept and not session.expiry_set and not is_legacy(request.COOKIES[name]):
            del response.cookies[name]
            cookie = None
        if cookie is not None and cookie.value and cookie["max-age"]:
            cookie["max-age"] = FOREVER
            cookie["expires"] = http_date(time.time() + FOREVER)
        if cookie is not None and self._partitioned:
            cookie["partitioned"] = True
        _keep_private(response, session, given=cookie is not None)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answers 503 for a view that could not read or write its session."""
        return _away(exception) if isinstance(exception, Unavailable) else None


def _keep_private(response: HttpResponse, session: SessionStore, *, given: bool) -> None:
    """Keeps shared caches from a response that was made of a session, and all from a new cookie."""
    own = response.get("Cache-Control", "")
    if given and not any(word in own for word in ("private", "no-store", "no-cache")):
        response["Cache-Control"] = "no-store"
    elif session.accessed and not own:
        response["Cache-Control"] = "private"


def _away(error: Exception) -> HttpResponse:
    log.error("%s", error)
    response = HttpResponse("Service Unavailable", status=503, content_type="text/plain")
    response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response
