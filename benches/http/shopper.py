"""The session data and the responses that both measured applications share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

LIFETIME = 6 * 3600
"""Seconds that a session lives after its last request."""

Theme = Literal["light", "dark"]


class Line(BaseModel):
    sku: str = Field(min_length=1, max_length=32)
    n: int = Field(ge=1, le=99)


class Shopper(BaseModel):
    """The data and the checks of the session and the schema in benches/payload/shop.rs."""

    user_id: str = Field(min_length=4, max_length=64)
    email: str = Field(max_length=254, pattern="^[^@ ]+@[^@ ]+$")
    roles: list[Literal["user", "editor", "admin"]] = Field(max_length=16)
    csrf: str = Field(min_length=12, max_length=64)
    locale: str = Field(max_length=16)
    theme: Theme
    tz: str
    visits: int = Field(ge=0)
    ab: str
    cart: list[Line] = Field(max_length=1000)


class Answer(BaseModel):
    user_id: str
    theme: Theme


def shopper(user: str) -> Shopper:
    """The session of a new login: 290 bytes of JSON for a user ID of ten characters."""
    return Shopper(
        user_id=user,
        email="grace.hopper@example.org",
        roles=["user", "editor"],
        csrf="9f86d081884c7d65",
        locale="en-GB",
        theme="dark",
        tz="Europe/London",
        visits=42,
        ab="b2",
        cart=[
            Line(sku="BK-1001", n=1),
            Line(sku="PN-22", n=3),
            Line(sku="7" * 32, n=2),
        ],
    )
