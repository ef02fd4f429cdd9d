"""Django's sessions in the module: `SESSION_ENGINE = "redis_session_client.django"`.

The engine is SessionStore. The functions list and end the sessions of a user. Adding this package
to INSTALLED_APPS adds system checks; `middleware.SessionMiddleware` may take the place of Django's.
"""

from ..web.protocol import Device
from .connection import Unavailable
from .store import SessionStore
from .users import aend_device, arevoke, asessions_of, end_device, revoke, sessions_of

__all__ = [
    "Device",
    "SessionStore",
    "Unavailable",
    "aend_device",
    "arevoke",
    "asessions_of",
    "end_device",
    "revoke",
    "sessions_of",
]
