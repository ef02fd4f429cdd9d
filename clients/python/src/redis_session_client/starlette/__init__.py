"""`request.session` for Starlette and FastAPI, a dict that is stored in the module."""

from ..web import signals
from ..web.backend import RedisBackend
from ..web.cookies import CookiePolicy
from ..web.frontends import CookieFrontend, Frontend, HeaderFrontend
from ..web.memory import MemoryBackend
from ..web.protocol import Backend, Device
from ..web.storage import Storage, Stored
from ..web.storage_backend import StorageBackend
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
    "Storage",
    "StorageBackend",
    "Stored",
    "Visit",
    "signals",
    "visit_of",
]
