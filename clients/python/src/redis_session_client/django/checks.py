"""System checks: what is wrong with the settings, and with `--deploy` also with the server
and the cookie."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from .connection import Unavailable, connection, reached
from .legacy import Legacy
from .serializer import check_serializer
from .settings import ENGINE, SETTING, read_settings
from .store import SessionStore


def check_settings(**_: Any) -> list[CheckMessage]:
    """Reports a wrong SESSION_REDIS, SESSION_ENGINE or SESSION_SERIALIZER. Connects to nothing."""
    found: list[CheckMessage] = []
    try:
        options = read_settings()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="redis_session.E001")]
    if not _chosen():
        hint = f'Set SESSION_ENGINE = "{ENGINE}".'
        text = f"{SETTING} is set, but SESSION_ENGINE is another engine."
        return [Warning(text, hint, id="redis_session.W001")] if hasattr(settings, SETTING) else []
    try:
        check_serializer(import_string(settings.SESSION_SERIALIZER))
    except (ImproperlyConfigured, ImportError) as error:
        found.append(Error(str(error), id="redis_session.E002"))
    if options.legacy is not None:
        try:
            Legacy(options.legacy).check()
        except Exception as error:
            text = f"{SETTING} 'legacy' cannot be used: {error}"
            found.append(Error(text, id="redis_session.E005"))
    if options.partitioned and _MIDDLEWARE not in settings.MIDDLEWARE:
        text = f"{SETTING} has 'partitioned', which needs the middleware {_MIDDLEWARE}."
        found.append(Error(text, id="redis_session.E003"))
    return found


def check_server(**_: Any) -> list[CheckMessage]:
    """Reports a server that cannot be reached, or that has not loaded the module."""
    if not _chosen():
        return []
    try:
        with reached():
            connection().backend.commands.info(f"{connection().settings.prefix}check")
    except ImproperlyConfigured:
        return []  # check_settings has told
    except Unavailable as error:
        return [Warning(str(error), id="redis_session.W002")]
    except RedisError as error:
        return [Error(str(error), id="redis_session.E004")]
    return []


def check_cookie(**_: Any) -> list[CheckMessage]:
    """Reports a cookie that another host could plant, or that no browser keeps.

    Django itself says if it is not Secure (security.W010 to W012).
    """
    if not _chosen():
        return []
    name = settings.SESSION_COOKIE_NAME
    alone = settings.SESSION_COOKIE_DOMAIN is None and settings.SESSION_COOKIE_PATH == "/"
    if not name.startswith(("__Host-", "__Secure-")):
        text = f"SESSION_COOKIE_NAME {name!a} lets other hosts and http plant a cookie."
        better = "__Host-session" if alone else "__Secure-session"
        hint = f'With SESSION_COOKIE_SECURE = True set SESSION_COOKIE_NAME = "{better}".'
        return [Warning(text, hint, id="redis_session.W003")]
    if not settings.SESSION_COOKIE_SECURE:
        text = f"browsers refuse the cookie {name!a} without SESSION_COOKIE_SECURE = True."
        return [Error(text, id="redis_session.E006")]
    if name.startswith("__Host-") and not alone:
        text = f"browsers refuse the cookie {name!a} with a SESSION_COOKIE_DOMAIN or _PATH."
        return [Error(text, "Begin its name with __Secure-.", id="redis_session.E006")]
    return []


_MIDDLEWARE = f"{ENGINE}.middleware.SessionMiddleware"


def _chosen() -> bool:
    """Whether the engine is this one, or one with a subclass of its SessionStore."""
    try:
        store: Any = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    except ImportError:
        return False
    return isinstance(store, type) and issubclass(store, SessionStore)
