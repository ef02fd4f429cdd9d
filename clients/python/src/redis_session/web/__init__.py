"""What the web frameworks share: cookies, frontends, backends, and the flow of a login."""

from .backend import RedisBackend
from .cookies import CookiePolicy
from .frontends import CookieFrontend, Disagreement, Frontend, HeaderFrontend, find_ticket
from .login import login
from .memory import MemoryBackend
from .protocol import Backend, Device, Ticket

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
    "Ticket",
    "find_ticket",
    "login",
]
