"""`request.session` for Starlette and FastAPI, a dict that is stored in the module."""

from ..web import signals
from ..web.backend import RedisBackend
from ..web.codecs import plain_json, typed_codec, typed_json
from ..web.cookies import CookiePolicy
from ..web.frontends import CookieFrontend, Frontend, HeaderFrontend
from ..web.json_values import Codec
from ..web.memory import MemoryBackend
from ..web.protocol import Backend, Device
from ..web.storage import Storage, Stored
from ..web.storage_backend import StorageBackend
from .away import Unavailable
from .middleware import SessionMiddleware
from .session import SessionNotLoaded
from .visit import Visit, load_session, visit_of

__all__ = [
    "Backend",
    "Codec",
    "CookieFrontend",
    "CookiePolicy",
    "Device",
    "Frontend",
    "HeaderFrontend",
    "MemoryBackend",
    "RedisBackend",
    "SessionMiddleware",
    "SessionNotLoaded",
    "Storage",
    "StorageBackend",
    "Stored",
    "Unavailable",
    "Visit",
    "load_session",
    "plain_json",
    "signals",
    "typed_codec",
    "typed_json",
    "visit_of",
]
