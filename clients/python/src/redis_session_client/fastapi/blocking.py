"""Asynchronous methods for routes that are plain functions: `session.sync`, `visit.sync`.

FastAPI runs a `def` route in a worker thread of AnyIO. The method runs in the application's event
loop, and the thread waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import anyio.from_thread

P = ParamSpec("P")
T = TypeVar("T")


def blocking(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The method as a function for a worker thread. RuntimeError in the event loop itself."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return anyio.from_thread.run(partial(method, *args, **kwargs))
        except RuntimeError as error:
            if "worker thread" not in str(error):
                raise
            raise RuntimeError(
                "sync is for routes that are plain functions (def); in an async route, await the "
                "method itself"
            ) from None

    return call
