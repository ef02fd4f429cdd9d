"""A visitor of an application, in this process: its requests, and the cookie between them.

For tests of very many models, in which HTTP would only take time. Everything below the web server
is real: the guards, the backend, the server.
"""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from starlette.requests import HTTPConnection

from redis_session_client.fastapi import LiveSession, SessionManager, Visit
from redis_session_client.fastapi.exchange import Exchange


class Visitor:
    """One browser. Each method is one request."""

    def __init__(self, manager: SessionManager) -> None:
        self.manager = manager
        self.cookie: str | None = None
        self._exchange: Exchange | None = None

    def request(self) -> HTTPConnection:
        """A request that carries the cookie that the last one left."""
        if self._exchange is not None:
            self.cookie = self._exchange.ticket
        scope: dict[str, Any] = {"type": "http", "headers": []}
        if self.cookie is not None:
            name = self.manager.frontends[0].name
            scope["headers"].append((b"cookie", f"{name}={self.cookie}".encode()))
        exchange = Exchange(scope, self.manager.frontends, self.manager.backend.shaped)
        scope[self.manager._scope] = exchange
        self._exchange = exchange
        return HTTPConnection(scope)

    async def visit(self, model: Any = None) -> Visit[Any]:
        """What a route gets from `sessions.visit(model)`."""
        return await self.manager.visit(model)(connection=self.request())

    async def session(self, model: Any = None) -> LiveSession[Any]:
        """What a route gets from `sessions.required(model)`. HTTPException if it is refused."""
        found = await self.manager.required(model)(connection=self.request())
        assert found is not None
        return found

    async def read(self, model: Any = None) -> Any:
        """The data that a route reads."""
        return (await self.session(model)).data

    async def status(self, model: Any = None) -> int:
        """The status with which a guarded route would answer."""
        try:
            await self.session(model)
        except HTTPException as refused:
            return refused.status_code
        return 200
