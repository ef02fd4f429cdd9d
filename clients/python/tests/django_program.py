"""A user's Django program that check.sh type-checks, strictly, and that never runs.

Each `type: ignore` marks an error that mypy must find: strict mode reports an unused one.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import alogout, update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse

from redis_session_client.django import (
    Device,
    SessionStore,
    Unavailable,
    arevoke,
    asessions_of,
    end_device,
    revoke,
    sessions_of,
)
from redis_session_client.django.middleware import SessionMiddleware


class Longer(SessionStore):
    def get_session_cookie_age(self) -> int:
        return 3600


class Named(SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session["host"] = request.get_host()


def devices(request: HttpRequest) -> HttpResponse:
    found: list[Device] = sessions_of(request.user, "/agent", current=request.session)
    ended: int = revoke(request.user, except_=request.session)
    one: bool = end_device(request.user, found[0].handle)
    sessions_of(request.user, current=request.session.session_key)  # type: ignore[arg-type]
    revoke(request.user, request.session)  # type: ignore[call-arg]
    return JsonResponse({"ended": ended + one, "at": [d.accessed for d in found]})


async def leave(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    await alogout(request)
    count: int = await arevoke(user)
    listed: list[Device] = await asessions_of(user)
    return HttpResponse(str(count + len(listed)))


def outside(key: str, user: User, request: HttpRequest) -> str | None:
    session: SessionBase = SessionStore(key)
    session["a"] = 1
    session.set_expiry(timedelta(hours=1))
    try:
        session.save()
    except Unavailable:
        return None
    update_session_auth_hash(request, user)
    return session.session_key
