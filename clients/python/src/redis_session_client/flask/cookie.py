"""The session cookie of a Flask application: a CookiePolicy from `app.config`'s SESSION_COOKIE_…

The defaults are stricter than Flask's: `__Host-` before the name, Secure, and SameSite=Lax. Only
the setting `insecure` drops the first two, because Flask's own `SESSION_COOKIE_SECURE = False` is
what an application has that never thought about it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, cast

from flask import Flask

from ..web.cookies import CookiePolicy

_SAME_SITE: dict[str, Literal["Lax", "Strict", "None"]]
_SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None"}


def policy_of(app: Flask, *, insecure: bool) -> CookiePolicy:
    """The policy that the application's configuration asks for at this moment.

    ValueError for a combination that no browser takes.
    """
    config = app.config
    if insecure and config["SESSION_COOKIE_SECURE"]:
        raise ValueError("SESSION_COOKIE_SECURE and insecure contradict each other")
    return _policy(
        config["SESSION_COOKIE_NAME"],
        insecure,
        config["SESSION_COOKIE_SAMESITE"],
        bool(config.get("SESSION_COOKIE_PARTITIONED")),
        config["SESSION_COOKIE_PATH"] or config["APPLICATION_ROOT"] or "/",
        config["SESSION_COOKIE_DOMAIN"] or None,
    )


@lru_cache(maxsize=64)
def _policy(
    name: str,
    insecure: bool,
    same_site: str | None,
    partitioned: bool,
    path: str,
    domain: str | None,
) -> CookiePolicy:
    known: Any = same_site
    if same_site is None:
        known = "Lax"
    elif isinstance(same_site, str):
        known = _SAME_SITE.get(same_site.lower(), same_site)
    return CookiePolicy(
        name=name,
        insecure=insecure,
        same_site=cast(Literal["Lax", "Strict", "None"], known),
        partitioned=partitioned,
        path=path,
        domain=domain,
    )


def header(text: str, *, http_only: bool) -> str:
    """A policy's Set-Cookie header, with HttpOnly or without."""
    return text if http_only else text.replace("; HttpOnly", "")
