"""Starlette's TestClient. It calls an application in this process, each time in a new event loop,
unless it is used as a context manager."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # Newer versions of Starlette prefer another HTTP client than httpx.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["TestClient"]
