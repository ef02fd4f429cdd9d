"""Sessions for FastAPI: guards of routes, login and logout, models that the server checks."""

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
from .guard import Guard
from .manager import SessionManager
from .models import schema_of
from .session import LiveSession, Visit
from .sockets import SocketGuard

__all__ = [
    "Backend",
    "CookieFrontend",
    "CookiePolicy",
    "Device",
    "Frontend",
    "Guard",
    "HeaderFrontend",
    "LiveSession",
    "MemoryBackend",
    "RedisBackend",
    "SessionManager",
    "SocketGuard",
    "Visit",
    "schema_of",
]
