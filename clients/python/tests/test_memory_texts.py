"""MemoryBackend fails where the server fails, with the same exception and the same text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import ResponseError
from support.servers import GRACE, Process

from redis_session_client import OtherUser, SessionError, Stale
from redis_session_client.web import Backend, MemoryBackend, RedisBackend

Attempt = Callable[[Backend], Awaitable[object]]


async def other_user(backend: Backend) -> object:
    return await backend.rotate(await backend.create({}, user="ada"), user="eve")


async def other_user_with_a_limit(backend: Backend) -> object:
    ticket = await backend.create({}, user="ada", max_sessions=1)
    return await backend.rotate(ticket, user="eve", max_sessions=1)


async def grace_at_a_login(backend: Backend) -> object:
    return await backend.rotate(await backend.create({}), user="ada", grace=1000)


async def no_limit(backend: Backend) -> object:
    return await backend.create({}, user="ada", max_sessions=0)


async def limit_at_a_rotation(backend: Backend) -> object:
    return await backend.rotate(await backend.create({}), user="ada", max_sessions=-1)


async def limit_of_nobody(backend: Backend) -> object:
    return await backend.create({}, max_sessions=1)


async def version(backend: Backend) -> object:
    return await backend.patch(await backend.create({}), {"n": 1}, if_version=7)


async def stale_without_a_user(backend: Backend) -> object:
    return await backend.verify(await backend.create({}), fresh=3600)


ATTEMPTS = [
    (other_user, OtherUser),
    (other_user_with_a_limit, OtherUser),
    (grace_at_a_login, SessionError),
    (no_limit, SessionError),
    (limit_at_a_rotation, SessionError),
    (limit_of_nobody, SessionError),
    (version, SessionError),
    (stale_without_a_user, Stale),
]


async def error_of(backend: Backend, attempt: Attempt) -> ResponseError:
    with pytest.raises(ResponseError) as caught:
        await attempt(backend)
    return caught.value


@pytest.mark.parametrize(("attempt", "kind"), ATTEMPTS)
async def test_errors_are_those_of_the_server(
    server: Process, prefix: str, attempt: Attempt, kind: type[SessionError]
) -> None:
    client = server.async_client()
    try:
        real = await error_of(RedisBackend(client, prefix=prefix), attempt)
    finally:
        await client.aclose()
    imitated = await error_of(MemoryBackend(), attempt)
    assert isinstance(real, kind)
    assert type(imitated) is type(real)
    assert str(imitated) == str(real)


async def test_a_rotation_that_fails_changes_nothing(server: Process, prefix: str) -> None:
    client = server.async_client()
    try:
        for backend in (RedisBackend(client, prefix=prefix), MemoryBackend()):
            ticket = await backend.create({"n": 1}, user="ada")
            with pytest.raises(OtherUser):
                await backend.rotate(ticket, user="eve", patch={"n": 2})
            with pytest.raises(TypeError):
                await backend.patch(ticket, {"n": 3}, ex="soon")  # type: ignore[arg-type]
            found = await backend.verify(ticket)
            assert found is not None
            assert (found.data, found.info.version, found.info.user) == ({"n": 1}, 1, "ada")
            assert await backend.rotate(ticket, grace=GRACE) != ticket
    finally:
        await client.aclose()
