"""Sessions for FastAPI: guards of routes, login and logout, models that the server checks.

From the top down; a file imports only files below it:

    manager                     SessionManager, which makes the guards
    guard, sockets              guards of routes and WebSockets
    startup                     registers the schemas of models
    admission                   checks a request's session, for all guards
    visit                       a visitor with or without a session
    checks                      a guard's models, schemas and functions
    session                     the live session that a route gets
    store                       the application's backend and settings
    middleware, exchange        a request's ticket, and the headers of its response
    models, openapi, refusals   models as schemas; the OpenAPI document; what a refusal answers
"""

from ..web import signals
from ..web.backend import RedisBackend
from ..web.cookies import CookiePolicy
from ..web.frontends import CookieFrontend, Frontend, HeaderFrontend
from ..web.memory import MemoryBackend
from ..web.protocol import Backend, Device
from ..web.storage import Storage, Stored
from ..web.storage_backend import StorageBackend
from .guard import Guard
from .manager import SessionManager
from .models.stored import schema_of
from .refusals import (
    LoginTooOld,
    OtherOrigin,
    Refusal,
    SchemaMissing,
    SessionRefused,
    SessionRequired,
    TwoSessions,
    Unavailable,
)
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
    "LoginTooOld",
    "MemoryBackend",
    "OtherOrigin",
    "RedisBackend",
    "Refusal",
    "SchemaMissing",
    "SessionManager",
    "SessionRefused",
    "SessionRequired",
    "SocketGuard",
    "Storage",
    "StorageBackend",
    "Stored",
    "TwoSessions",
    "Unavailable",
    "Visit",
    "schema_of",
    "signals",
]
