"""The connection of this process to the server: made at first use, and shared by all threads.

redis-py's pools are safe for threads and notice a fork, so one client serves a preloading server,
threads and event loops alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from redis.exceptions import ConnectionError

from ..web.away import AWAY
from ..web.sync_backend import SyncRedisBackend
from .legacy import Legacy
from .settings import SETTING, Settings, read_settings


class Unavailable(ConnectionError):
    """The server of the sessions cannot be reached, or cannot answer now.

    It is never taken for a missing session: nobody is logged out and no cookie is removed.
    """


@dataclass(frozen=True)
class Connection:
    """The settings, and what was made from them."""

    settings: Settings
    backend: SyncRedisBackend
    legacy: Legacy | None


@lru_cache(maxsize=1)
def connection() -> Connection:
    """The connection of this process. ImproperlyConfigured if SESSION_REDIS is wrong."""
    settings = read_settings()
    backend = SyncRedisBackend(
        settings.url if settings.client is None else _client(settings.client),
        prefix=settings.prefix,
        timeout=settings.timeout,
        tag_by_user=settings.tag_by_user,
        replica_ok=settings.replica_ok,
        imported=settings.imported or settings.legacy is not None,
    )
    legacy = None if settings.legacy is None else Legacy(settings.legacy)
    return Connection(settings, backend, legacy)


def _client(client: Any) -> Any:
    if isinstance(client, str):
        try:
            client = import_string(client)
        except ImportError as error:
            raise ImproperlyConfigured(f"{SETTING} 'client': {error}") from error
    if isinstance(client, type) or not hasattr(client, "execute_command"):
        client = client()
    if not hasattr(client, "execute_command"):
        raise ImproperlyConfigured(f"{SETTING} 'client' gave no client of redis-py")
    if type(client).__module__.startswith("redis.asyncio"):
        raise ImproperlyConfigured(f"{SETTING} 'client' is of redis.asyncio: give one of redis")
    return client


@contextmanager
def reached() -> Iterator[None]:
    """Raises Unavailable for the errors of a server that is away, starting, or no primary."""
    try:
        yield
    except AWAY as error:
        if isinstance(error, Unavailable):
            raise
        raise Unavailable(f"the server of the sessions is not available: {error}") from error


def _forget(*, setting: str, **_: Any) -> None:
    """Drops the connection when a test overrides the setting."""
    if setting == SETTING:
        connection.cache_clear()


setting_changed.connect(_forget, dispatch_uid="redis_session_client.django")
