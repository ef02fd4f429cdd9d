"""What the checks share."""

from __future__ import annotations

import secrets


def new_name() -> str:
    """A key or a user that nobody else has."""
    return f"check:{secrets.token_hex(8)}"


def must(what: str, *, be: object, was: object) -> None:
    """Raises AssertionError if the two differ; also with python -O, unlike an assert statement."""
    if was != be:
        raise AssertionError(f"{what}: expected {be!r}, got {was!r}")
