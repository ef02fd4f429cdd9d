"""Guards of routes, as FastAPI dependencies: `Depends(sessions.required(Model, "admin"))`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from ..web.frontends import Frontend
from .admission import Admission
from .checks import Checks
from .openapi import LIVE, OPTIONAL, FrontendScheme, FurtherScheme
from .session import LiveSession
from .visit import Visit

M = TypeVar("M")


class GuardBase(FrontendScheme):
    """Tells FastAPI that a guard takes the connection, and which security schemes it has.

    The guard itself is the scheme of the first frontend, because most applications have only one.
    Each further frontend is a dependency, which costs time in every request.
    """

    def __init__(self, frontends: Sequence[Frontend], notes: Sequence[str]) -> None:
        first, *others = frontends
        super().__init__(first, notes)
        # The annotations are types and not strings, because FastAPI resolves strings only for
        # functions, and a guard is an object.
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter("connection", kind, annotation=HTTPConnection)]
        for number, frontend in enumerate(others):
            annotation = Annotated[None, Depends(FurtherScheme(frontend, notes))]
            parameters.append(inspect.Parameter(f"scheme_{number}", kind, annotation=annotation))
        self.__signature__ = inspect.Signature(parameters)


class Guard(GuardBase, Generic[M]):
    """Lets a request pass that has a live session which all checks accept.

    Otherwise it answers 401 (no live session, or none that is fresh enough) or 403 (a check
    refuses). If `optional`, the route gets None in these cases.
    """

    def __init__(self, admission: Admission, checks: Checks[M], *, optional: bool) -> None:
        self._admission = admission
        self._checks = checks
        self._optional = optional
        super().__init__(admission.frontends, [OPTIONAL if optional else LIVE, *checks.notes])

    async def __call__(
        self, *, connection: HTTPConnection, **schemes: None
    ) -> LiveSession[M] | None:
        try:
            return await self._admission.admit(connection, self._checks)
        except HTTPException as refused:
            if self._optional and refused.status_code in (401, 403):
                return None
            await self._admission.tell(refused, connection)
            raise


class VisitGuard(GuardBase, Generic[M]):
    """Gives the route a Visit, with a live session or without. It refuses nobody."""

    def __init__(self, admission: Admission, checks: Checks[M]) -> None:
        self._admission = admission
        self._checks = checks
        super().__init__(admission.frontends, [OPTIONAL])

    async def __call__(self, *, connection: HTTPConnection, **schemes: None) -> Visit[M]:
        session, unusable = None, False
        try:
            session = await self._admission.admit(connection, self._checks)
        except HTTPException as refused:
            if refused.status_code not in (401, 403):
                await self._admission.tell(refused, connection)
                raise
            unusable = refused.status_code == 403
        exchange = self._admission.exchange(connection)
        return Visit(self._admission, exchange, session, self._checks, unusable=unusable)
