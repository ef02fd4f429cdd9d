"""A user's program that check.sh type-checks with mypy --strict, and that never runs.

Each `type: ignore` marks an error that mypy must find: strict mode reports an unused one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import redis
import redis.asyncio
from fastapi import Depends, FastAPI
from pydantic import BaseModel

from redis_session_client import (
    AsyncSessions,
    Created,
    DetailedSession,
    Info,
    Session,
    Sessions,
    SessionWithFields,
)
from redis_session_client.fastapi import (
    CookieFrontend,
    Guard,
    HeaderFrontend,
    LiveSession,
    MemoryBackend,
    RedisBackend,
    SessionManager,
    Visit,
)


class Profile(BaseModel):
    name: str


class Admin(BaseModel):
    role: str


def commands(client: redis.Redis, cluster: redis.RedisCluster) -> None:
    sessions = Sessions(client)
    Sessions(cluster, replica=client)
    created: Created = sessions.create("s:*", {"n": 1}, idle=60, ex=timedelta(hours=1))
    sessions.create("s:*", {}, ttl=60)  # type: ignore[call-arg]
    sessions.create("s:*", {}, ex="60")  # type: ignore[arg-type]
    found = sessions.get(created.key)
    print(found.data)  # type: ignore[union-attr]
    plain: Session | None = sessions.verify(created.key, "a", "b", fresh=60)
    full: DetailedSession | None = sessions.verify(created.key, with_info=True)
    print(plain.info)  # type: ignore[union-attr]
    some: SessionWithFields | None = sessions.get(created.key, fields=["user", "version"])
    sessions.verify(created.key, fields=["age"])  # type: ignore[list-item]
    sessions.verify(created.key, fields=["ttl"], with_info=True)  # type: ignore[call-overload]
    print(some.fields)  # type: ignore[union-attr]
    parts: dict[str, Any] | None = sessions.verify_paths(created.key, "/n", schemas=["a"])
    made: bool = sessions.create_as("s:own", parts, user="ada", max_sessions=5, refuse=True)
    sessions.import_as("s:old", {"n": made})  # type: ignore[call-arg]
    accessed: int = sessions.list_fields("ada", ["user"], "/n", limit=3)[0].accessed
    sessions.import_as("s:old", {}, created=accessed)
    if full is not None:
        info: Info = full.info
        info.user.upper()  # type: ignore[union-attr]
    version: int = sessions.patch(created.key, {"n": 2})
    keys: list[str] = [listed.key for listed in sessions.list("ada", "/name")]
    sessions.revoke("ada", only=keys[:version])


async def asynchronous(client: redis.asyncio.Redis, cluster: redis.asyncio.RedisCluster) -> None:
    sessions = AsyncSessions(client)
    AsyncSessions(cluster)
    created = await sessions.create("s:*", {})
    text: str = created.token
    print(sessions.get(text).data)  # type: ignore[attr-defined]


def application(client: redis.asyncio.Redis) -> FastAPI:
    app = FastAPI()
    sessions = SessionManager(client, lifetime=timedelta(hours=8))
    frontends = [CookieFrontend(), HeaderFrontend()]
    SessionManager(RedisBackend("redis://localhost"), frontends=frontends)
    SessionManager(MemoryBackend())
    sessions.install(app)

    def verifier(session: LiveSession[Any]) -> bool:
        return session.user is not None

    guard: Guard[Profile] = sessions.required(Profile, Admin, "schema", verifier, fresh=60)
    sessions.required(Profile, 3)  # type: ignore[call-overload]

    @app.get("/me")
    async def me(session: Annotated[LiveSession[Profile], Depends(guard)]) -> str:
        print(session.data.nmae)  # type: ignore[attr-defined]
        if await session.patch({"seen": True}):
            await session.rotate(grace=1000)
        return session.data.name

    @app.post("/login")
    async def login(visit: Annotated[Visit[Profile], Depends(sessions.visit(Profile))]) -> str:
        await visit.login("ada", Profile(name="ada"), remember=True, lifetime=60)
        return await visit.start({"name": "x"})

    return app
