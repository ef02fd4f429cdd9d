"""Sessions for FastAPI: guards of routes, login and logout, models that the server checks."""

from ..web.backend import RedisBackend
from ..web.cookies import CookiePolicy
from ..web.frontends import CookieFrontend, Frontend, HeaderFrontend
from ..web.memory import MemoryBackend
from ..web.protocol import Backend, Device
from .guard import Guard
from .manager import SessionManager
from .models import schema_of
from .session import LiveSession
from .sockets import SocketGuard
from .visit import Visit

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
