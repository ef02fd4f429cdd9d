"""Parts that the web frameworks share: cookies, frontends, backends, login, WebSockets.

A backend stores sessions and names each by a ticket, the text that a client keeps to open its
session. A frontend reads the ticket from a request and sends it back, for example as a cookie.
"""

from .backend import RedisBackend
from .cookies import CookiePolicy
from .frontends import CookieFrontend, Disagreement, Frontend, HeaderFrontend, find_ticket
from .login import login
from .memory import MemoryBackend
from .protocol import Backend, Device, Ticket
from .storage import Storage, Stored
from .storage_backend import StorageBackend

__all__ = [
    "Backend",
    "CookieFrontend",
    "CookiePolicy",
    "Device",
    "Disagreement",
    "Frontend",
    "HeaderFrontend",
    "MemoryBackend",
    "RedisBackend",
    "Storage",
    "StorageBackend",
    "Stored",
    "Ticket",
    "find_ticket",
    "login",
]
