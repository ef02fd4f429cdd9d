"""The application for INSTALLED_APPS, which adds the system checks. It has no models."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from .checks import check_cookie, check_server, check_settings


class RedisSessionConfig(AppConfig):
    """`"redis_session_client.django"` in INSTALLED_APPS."""

    name = "redis_session_client.django"
    label = "redis_session"
    verbose_name = "Sessions in Redis"

    def ready(self) -> None:
        checks.register(check_settings)
        checks.register(check_cookie, checks.Tags.security, deploy=True)
        checks.register(check_server, checks.Tags.security, deploy=True)
