"""`flask.session` for Flask, a dict that is stored in the module."""

from ..web.protocol import Device
from ..web.sync_backend import SyncRedisBackend
from .extension import RedisSessions
from .interface import RedisSessionInterface
from .session import RedisSession
from .signals import session_logged_in, session_logged_out, session_lost, session_refused

__all__ = [
    "Device",
    "RedisSession",
    "RedisSessionInterface",
    "RedisSessions",
    "SyncRedisBackend",
    "session_logged_in",
    "session_logged_out",
    "session_lost",
    "session_refused",
]
