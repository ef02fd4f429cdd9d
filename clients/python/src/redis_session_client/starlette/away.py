"""What a server that is away means to a route, which may handle it, and to the middleware."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException, WebSocketException
from starlette.responses import PlainTextResponse, Response

from ..web.away import AWAY, RETRY_AFTER
from ..web.frontends import Disagreement
from ..web.sockets import FAILED, REFUSED

log = logging.getLogger("redis_session_client")

_AWAY = "the sessions are not available; try again later"
_DISAGREEMENT = "the request carries two sessions"
_RETRY = {"Retry-After": str(RETRY_AFTER)}


class Unavailable(HTTPException):
    """The server is away or too slow: a response with 503, unless the route handles it."""

    def __init__(self) -> None:
        super().__init__(503, _AWAY, _RETRY)


class Away(Exception):
    """Tells the middleware that the server is away.

    A class of its own: the route's errors with other servers are not ours to answer. And no
    HTTPException: Starlette does not let one pass that is raised while a response is sent.
    """


@contextmanager
def for_route(kind: str) -> Iterator[None]:
    """Turns the errors of a call by a route into those that Starlette answers.

    `kind` is the scope's type, `http` or `websocket`.
    """
    try:
        yield
    except AWAY as error:
        log.error("the sessions are not available: %s", error)
        if kind == "websocket":
            raise WebSocketException(FAILED) from error
        raise Unavailable from error
    except Disagreement:
        if kind == "websocket":
            raise WebSocketException(REFUSED) from None
        raise HTTPException(400, _DISAGREEMENT) from None


@contextmanager
def for_middleware() -> Iterator[None]:
    """Turns the errors of a server that is away into Away."""
    try:
        yield
    except AWAY as error:
        raise Away(f"the sessions are not available: {error}") from error


def unavailable() -> Response:
    """The middleware's response while the server is away."""
    return PlainTextResponse(_AWAY, 503, {**_RETRY, "Cache-Control": "no-store"})


def disagreement() -> Response:
    """The middleware's response to a request with two tickets."""
    return PlainTextResponse(_DISAGREEMENT, 400)
