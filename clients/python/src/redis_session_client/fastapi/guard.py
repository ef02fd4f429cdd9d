"""Guards of routes, as FastAPI dependencies: `Depends(sessions.required(Model, "admin"))`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

from .admission import Admission
from .checks import Checks
from .openapi import LIVE, OPTIONAL, ORIGIN, FrontendScheme, FurtherScheme
from .refusals import Refusal, SchemaMissing, SessionRefused
from .session import LiveSession
from .visit import Visit

M = TypeVar("M")


class GuardBase(FrontendScheme):
    """Tells FastAPI that a guard takes the connection, and which security schemes it has.

    The guard itself is the scheme of the first frontend, because most applications have only one.
    Each further frontend is a dependency, which costs time in every request.
    """

    def __init__(self, admission: Admission, notes: Sequence[str]) -> None:
        frontends = admission.frontends
        notes = [*notes, *([ORIGIN] if admission.origins is not None else [])]
        first, *others = frontends
        super().__init__(first, frontends, notes)
        # The annotations are types and not strings, because FastAPI resolves strings only for
        # functions, and a guard is an object.
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter("connection", kind, annotation=HTTPConnection)]
        for number, frontend in enumerate(others):
            annotation = Annotated[None, Depends(FurtherScheme(frontend, frontends, notes))]
            parameters.append(inspect.Parameter(f"scheme_{number}", kind, annotation=annotation))
        self.__signature__ = inspect.Signature(parameters)


class Guard(GuardBase, Generic[M]):
    """Lets a request pass that has a live session which all checks accept.

    Otherwise it raises a Refusal: 401 (no live session, or none that is fresh enough) or 403 (a
    check refuses). If `optional`, the route gets None in these cases.
    """

    def __init__(self, admission: Admission, checks: Checks[M], *, optional: bool) -> None:
        self._admission = admission
        self._checks = checks
        self._optional = optional
        super().__init__(admission, [OPTIONAL if optional else LIVE, *checks.notes])

    async def __call__(
        self, *, connection: HTTPConnection, **schemes: None
    ) -> LiveSession[M] | None:
        try:
            return await self._admission.admit(connection, self._checks)
        except Refusal as refused:
            if self._optional and refused.of_visitor:
                return None
            await self._admission.tell(refused, connection)
            raise


class VisitGuard(GuardBase, Generic[M]):
    """Gives the route a Visit, with a live session or without.

    It refuses no visitor, only a request with two tickets or from another site's page.
    """

    def __init__(self, admission: Admission, checks: Checks[M]) -> None:
        self._admission = admission
        self._checks = checks
        super().__init__(admission, [OPTIONAL])

    async def __call__(self, *, connection: HTTPConnection, **schemes: None) -> Visit[M]:
        session, unusable = None, False
        try:
            session = await self._admission.admit(connection, self._checks)
        except Refusal as refused:
            if not refused.of_visitor:
                await self._admission.tell(refused, connection)
                raise
            unusable = isinstance(refused, SessionRefused | SchemaMissing)
        exchange = self._admission.exchange(connection)
        return Visit(self._admission, exchange, session, self._checks, unusable=unusable)
