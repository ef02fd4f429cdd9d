"""`request.session` for Starlette and FastAPI, a dict that is stored in the module."""

from ..web import signals
from ..web.backend import RedisBackend
from ..web.cookies import CookiePolicy
from ..web.frontends import CookieFrontend, Frontend, HeaderFrontend
from ..web.memory import MemoryBackend
from ..web.protocol import Backend, Device
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
    "signals",
    "visit_of",
]
