"""The measured application with starsessions and its Redis store, as its README shows them.

REDIS_URL is the address of the server.
"""

from __future__ import annotations

import os

from fastapi import FastAPI, HTTPException, Request
from redis.asyncio import Redis
from shopper import LIFETIME, Answer, Shopper, Theme, shopper
from starsessions import SessionAutoloadMiddleware, SessionMiddleware, regenerate_session_id
from starsessions.stores.redis import RedisStore

app = FastAPI()
app.add_middleware(SessionAutoloadMiddleware)
app.add_middleware(
    SessionMiddleware,
    store=RedisStore(connection=Redis.from_url(os.environ["REDIS_URL"])),
    lifetime=LIFETIME,
    rolling=True,
    cookie_https_only=False,
)


def present(request: Request) -> Shopper:
    if "user_id" not in request.session:
        raise HTTPException(401)
    return Shopper.model_validate(request.session)


@app.post("/login/{user}")
async def login(user: str, request: Request) -> Answer:
    data = shopper(user)
    request.session.update(data.model_dump(mode="json"))
    regenerate_session_id(request)
    return Answer(user_id=data.user_id, theme=data.theme)


@app.get("/read")
async def read(request: Request) -> Answer:
    data = present(request)
    return Answer(user_id=data.user_id, theme=data.theme)


@app.post("/theme/{theme}")
async def change(theme: Theme, request: Request) -> Answer:
    data = present(request)
    request.session["theme"] = theme
    return Answer(user_id=data.user_id, theme=theme)
