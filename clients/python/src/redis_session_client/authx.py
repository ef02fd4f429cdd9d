"""The names and signatures of AuthX's page on Redis sessions, with the module behind them.

A program that follows that page runs with only its imports changed. Four differences make it safer:
data is JSON and never pickled; only an ID that `genSessionId` made becomes a session, never a
cookie's; keys hold a hash of the ID; short IDs get random bits. As in AuthX, all calls block.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

from fastapi import Depends, Request, Response
from redis import Redis

from ._sync.client import Sessions
from .errors import NoSession, WrongType
from .ids import key_of_token

__all__ = [
    "SessionStorage",
    "basicConfig",
    "deleteSession",
    "getSession",
    "getSessionId",
    "getSessionStorage",
    "setSession",
]

PREFIX = "authx:"
SHORT = 32
"""Random bits are appended to an ID with fewer characters."""


@dataclass
class _Config:
    redisURL: str = "redis://localhost:6379/0"
    sessionIdName: str = "ssid"
    sessionIdGenerator: Callable[[], str] = lambda: uuid4().hex
    expireTime: timedelta = timedelta(hours=6)
    secure: bool | None = None


config = _Config()


def basicConfig(
    redisURL: str | None = None,
    sessionIdName: str | None = None,
    sessionIdGenerator: Callable[[], str] | None = None,
    expireTime: timedelta | None = None,
    secure: bool | None = None,
) -> None:
    """Changes the given settings; a falsy argument leaves its setting unchanged.

    `secure` sets the cookie's Secure attribute. By default it is set if the request came by https.
    Pass `secure=True` behind a proxy that hides https from the application.
    """
    config.redisURL = redisURL or config.redisURL
    config.sessionIdName = sessionIdName or config.sessionIdName
    config.sessionIdGenerator = sessionIdGenerator or config.sessionIdGenerator
    config.expireTime = expireTime or config.expireTime
    config.secure = config.secure if secure is None else secure


@lru_cache(maxsize=8)
def _client(url: str) -> Redis:
    """The client for a URL. All requests share its connection pool."""
    return Redis.from_url(url)


class SessionStorage:
    """Sessions by ID. Without a session, `s[id]` is None and `del s[id]` does nothing."""

    def __init__(self, *, https: bool = True) -> None:
        self.sessions = Sessions(_client(config.redisURL))
        self.https = https
        self._made: set[str] = set()

    def _key(self, sessionId: str) -> str:
        return key_of_token(PREFIX, sessionId)

    def __getitem__(self, sessionId: str) -> Any:
        try:
            found = self.sessions.get(self._key(sessionId)) if sessionId else None
        except WrongType:
            return None
        return found and found.data

    def __setitem__(self, sessionId: str, value: Any) -> None:
        """Replaces a live session, or creates one under an ID that this storage has just made.

        KeyError for any other ID, so that neither a browser's value nor the ID of an ended session
        becomes a session.
        """
        key, expiry = self._key(sessionId), config.expireTime
        if sessionId in self._made:
            self._made.remove(sessionId)
            if not self.sessions.create_as(key, value, px=expiry):
                raise KeyError("this ID is taken")
            return
        try:
            self.sessions.set(key, value, px=expiry)
        except (NoSession, WrongType):
            raise KeyError("there is no live session of this ID") from None

    def __delitem__(self, sessionId: str) -> None:
        try:
            self.sessions.delete(self._key(sessionId))
        except WrongType:
            return

    def genSessionId(self) -> str:
        """A new ID from the generator of basicConfig, made longer if it could be guessed."""
        sessionId = str(config.sessionIdGenerator() or "")
        if len(sessionId) < SHORT:
            sessionId += f".{secrets.token_urlsafe(16)}"
        self._made.add(sessionId)
        return sessionId


def getSessionStorage(
    request: Request = None,  # type: ignore[assignment]  # FastAPI takes no Request | None here
) -> Iterator[SessionStorage]:
    yield SessionStorage(https=request is None or request.url.scheme in ("https", "wss"))


def getSessionId(request: Request) -> str:
    return request.cookies.get(config.sessionIdName, "")


def getSession(
    request: Request, sessionStorage: SessionStorage = Depends(getSessionStorage)
) -> Any:
    return sessionStorage[getSessionId(request)]


def setSession(response: Response, session: Any, sessionStorage: SessionStorage) -> str:
    """Creates a session, adds its cookie to the response, and returns the ID."""
    for _ in range(8):
        sessionId = sessionStorage.genSessionId()
        try:
            sessionStorage[sessionId] = session
            break
        except KeyError:
            continue  # the generator returned an ID that is in use
    else:
        raise RuntimeError("the sessionIdGenerator makes IDs that are taken")
    response.set_cookie(
        config.sessionIdName,
        sessionId,
        httponly=True,
        samesite="lax",
        secure=sessionStorage.https if config.secure is None else config.secure,
    )
    response.headers["cache-control"] = "no-store"
    return sessionId


def deleteSession(sessionId: str, sessionStorage: SessionStorage) -> None:
    del sessionStorage[sessionId]
