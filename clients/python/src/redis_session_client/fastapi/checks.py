"""The checks of one guard: which schemas the server checks, and which functions run here.

The server checks the schemas in the same round trip that reads the session, so only verifiers that
are Python functions cost time in the application.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel

from .session import LiveSession
from .store import SessionStore

M = TypeVar("M")

Verifier: TypeAlias = "str | type[BaseModel] | Callable[[LiveSession[Any]], bool | Awaitable[bool]]"
"""The name of a schema, a model, or a function that returns whether the session may pass."""


class Checks(Generic[M]):
    """A guard's model and verifiers, split into schemas for the server and functions."""

    def __init__(
        self,
        store: SessionStore,
        model: type[Any] | None,
        verifiers: Sequence[Verifier],
        fresh: int | None = None,
    ) -> None:
        self.model = model
        self.fresh = fresh
        """The user must have authenticated at most this many seconds ago; None: at any time."""
        self.schema = store.add_model(model) if model is not None else None
        """The model's schema. New sessions get it as their own."""
        self.schemas = [] if self.schema is None else [self.schema]
        self.functions: list[Callable[[LiveSession[Any]], bool | Awaitable[bool]]] = []
        self.notes = [] if model is None else [model.__name__]
        """Names of the model and the verifiers, for the OpenAPI document."""
        for verifier in verifiers:
            if isinstance(verifier, str):
                self.schemas.append(store.add_name(verifier))
                self.notes.append(verifier)
            elif isinstance(verifier, type):
                self.schemas.append(store.add_model(verifier))
                self.notes.append(verifier.__name__)
            else:
                self.functions.append(verifier)
                self.notes.append(getattr(verifier, "__name__", type(verifier).__name__))

    async def passed_by(self, session: LiveSession[Any]) -> bool:
        """Runs the verifiers that are functions; VERIFY has checked the schemas already."""
        for function in self.functions:
            verdict = function(session)
            if not (await verdict if inspect.isawaitable(verdict) else verdict):
                return False
        return True
