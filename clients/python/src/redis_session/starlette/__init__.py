"""`request.session` for Starlette and FastAPI, kept by the module."""

from ..web import (
    Backend,
    CookieFrontend,
    CookiePolicy,
    Device,
    Frontend,
    HeaderFrontend,
    MemoryBackend,
    RedisBackend,
)
from .middleware import SessionMiddleware
from .visit import Visit, visit_of

__all__ = [
    "Backend",
    "CookieFrontend",
    "CookiePolicy",
    "Device",
    "Frontend",
    "HeaderFrontend",
    "MemoryBackend",
    "RedisBackend",
    "SessionMiddleware",
    "Visit",
    "visit_of",
]
