"""Sessions of the engine that the application used before: moved when their cookie is first seen.

A session lives in one place only. It is created here under a hash of the old cookie, and deleted
there; who loses either step has neither. A logout deletes it in both. No cookie is believed unless
the old engine knows it. `sessionctl import` uses the same keys, so what it has moved is found here,
and never moved again.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ImproperlyConfigured

from .settings import ENGINE, SETTING

_COOKIE = re.compile(r"[a-z0-9]{32}", re.ASCII)


def is_legacy(cookie: str) -> bool:
    """Whether the text has the shape of a cookie of Django's own engines. No token has it.

    It is 32 letters and digits, about 165 random bits.
    """
    return _COOKIE.fullmatch(cookie) is not None


class Legacy:
    """The engine used before, by its dotted path."""

    def __init__(self, path: str) -> None:
        if path == ENGINE:
            raise ImproperlyConfigured(f"{SETTING} 'legacy' is the engine used before, not this")
        try:
            self._store: type[SessionBase] = import_module(path).SessionStore
        except (ImportError, AttributeError) as error:
            raise ImproperlyConfigured(f"{SETTING} 'legacy': {error}") from error

    def check(self) -> None:
        """Raises what the engine raises if the settings lack what it needs."""
        model = getattr(self._store(), "model", None)
        if model is not None:
            apps.get_model(model._meta.label)

    def find(self, cookie: str) -> dict[str, Any] | None:
        """The data of the live session of this cookie; None if there is none."""
        session = self._store(cookie)
        data: dict[str, Any] = session.load()
        return data if session.session_key == cookie else None

    def delete(self, cookie: str) -> None:
        self._store(cookie).delete(cookie)
