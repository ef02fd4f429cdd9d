"""Guards of routes, as dependencies: `Depends(sessions.required(Model, "admin"))`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar

from fastapi import Depends, HTTPException
from fastapi.openapi.models import APIKey, HTTPBearer
from fastapi.security.base import SecurityBase
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from ..web import Frontend
from .session import LiveSession, Visit

if TYPE_CHECKING:
    from .manager import SessionManager

M = TypeVar("M")

Verifier: TypeAlias = "str | type[BaseModel] | Callable[[LiveSession[Any]], bool | Awaitable[bool]]"
"""The name of a schema, a model, or a function that says whether the session may pass."""

LIVE, OPTIONAL = "live", "optional"
"""What a guard notes for `openapi.describe`, which takes it out again."""


class Shown(SecurityBase):
    """Is shown by OpenAPI as what takes the ticket from a frontend.

    Its name holds what the guard notes, since FastAPI hands on nothing but the name of a scheme.
    """

    def __init__(self, frontend: Frontend, notes: Sequence[str]) -> None:
        if frontend.challenge == "Bearer":
            self.model = HTTPBearer(description="The session's token.")
        else:
            self.model = APIKey.model_validate(
                {
                    "in": frontend.location,
                    "name": frontend.name,
                    "description": "The session's token.",
                }
            )
        self.scheme_name = f"{scheme_name(frontend)} {json.dumps(notes)}"


class Scheme(Shown):
    """How OpenAPI shows one more frontend. It reads nothing: the guard does that."""

    async def __call__(self) -> None:
        return None


def scheme_name(frontend: Frontend) -> str:
    return f"Session{frontend.location.capitalize()}"


class Base(Shown):
    """What FastAPI must know of a guard: that it wants the connection, and all frontends.

    The guard itself stands for the first frontend, which most applications have alone. Each further
    one is a dependency, and FastAPI takes time for each of them in every request.
    """

    def __init__(self, frontends: Sequence[Frontend], notes: Sequence[str]) -> None:
        first, *others = frontends
        super().__init__(first, notes)
        # With types as values: FastAPI cannot resolve annotations of objects that are no functions.
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter("connection", kind, annotation=HTTPConnection)]
        for number, frontend in enumerate(others):
            annotation = Annotated[None, Depends(Scheme(frontend, notes))]
            parameters.append(inspect.Parameter(f"scheme_{number}", kind, annotation=annotation))
        self.__signature__ = inspect.Signature(parameters)


class Checks(Generic[M]):
    """A model and verifiers, split into what the server checks and what is called here."""

    def __init__(
        self,
        manager: SessionManager,
        model: type[Any] | None,
        verifiers: Sequence[Verifier],
        fresh: int | None = None,
    ) -> None:
        self.model = model
        self.fresh = fresh
        self.schema = manager.add_model(model) if model is not None else None
        self.schemas = [] if self.schema is None else [self.schema]
        self.functions: list[Callable[[LiveSession[Any]], bool | Awaitable[bool]]] = []
        self.notes = [] if model is None else [model.__name__]
        for verifier in verifiers:
            if isinstance(verifier, str):
                self.schemas.append(manager.add_name(verifier))
                self.notes.append(verifier)
            elif isinstance(verifier, type):
                self.schemas.append(manager.add_model(verifier))
                self.notes.append(verifier.__name__)
            else:
                self.functions.append(verifier)
                self.notes.append(getattr(verifier, "__name__", type(verifier).__name__))

    async def passed_by(self, session: LiveSession[Any]) -> bool:
        """The verifiers that are Python. The others were part of VERIFY."""
        for function in self.functions:
            verdict = function(session)
            if not (await verdict if inspect.isawaitable(verdict) else verdict):
                return False
        return True


class Guard(Base, Generic[M]):
    """Lets a request pass that has a live session which all checks accept.

    Else it answers 401 (no live session, or none that is fresh enough) or 403 (a check refuses);
    if `optional`, the route gets None in these cases.
    """

    def __init__(self, manager: SessionManager, checks: Checks[M], *, optional: bool) -> None:
        self._manager = manager
        self._checks = checks
        self._optional = optional
        super().__init__(manager.frontends, [OPTIONAL if optional else LIVE, *checks.notes])

    async def __call__(
        self, *, connection: HTTPConnection, **schemes: None
    ) -> LiveSession[M] | None:
        try:
            return await self._manager.admit(connection, self._checks)
        except HTTPException as refused:
            if self._optional and refused.status_code in (401, 403):
                return None
            raise


class VisitGuard(Base, Generic[M]):
    """Gives the route a Visit, whoever comes."""

    def __init__(self, manager: SessionManager, checks: Checks[M]) -> None:
        self._manager = manager
        self._checks = checks
        super().__init__(manager.frontends, [OPTIONAL])

    async def __call__(self, *, connection: HTTPConnection, **schemes: None) -> Visit[M]:
        session, unusable = None, False
        try:
            session = await self._manager.admit(connection, self._checks)
        except HTTPException as refused:
            if refused.status_code not in (401, 403):
                raise
            unusable = refused.status_code == 403
        exchange = self._manager.exchange(connection)
        return Visit(self._manager, exchange, session, self._checks, unusable=unusable)
