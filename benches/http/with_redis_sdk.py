"""The measured application with the sessions of fastapi-redis-sdk, as its README shows them.

It needs Redis 7.4 or later. REDIS_URL is the address of the server; the library reads it too.
"""

from __future__ import annotations

import os

from fastapi import Depends, FastAPI
from shopper import LIFETIME, Answer, Shopper, Theme, shopper

# Settings of the library, which has no other way to set them for its middleware.
os.environ["REDIS_SESSION_IDLE_TTL"] = str(LIFETIME)
os.environ["REDIS_SESSION_ABSOLUTE_TTL"] = str(30 * 86400)
os.environ["REDIS_SESSION_COOKIE_HTTPS_ONLY"] = "false"

from redis_fastapi import FastAPIRedis, SessionDep, valid_session

app = FastAPI()
FastAPIRedis(app).lifespan().sessions()


@app.post("/login/{user}")
async def login(user: str, session: SessionDep) -> Answer:
    data = shopper(user)
    session.update(data.model_dump(mode="json"))
    return Answer(user_id=data.user_id, theme=data.theme)


@app.get("/read", dependencies=[Depends(valid_session())])
async def read(session: SessionDep) -> Answer:
    data = Shopper.model_validate(session)
    return Answer(user_id=data.user_id, theme=data.theme)


@app.post("/theme/{theme}", dependencies=[Depends(valid_session())])
async def change(theme: Theme, session: SessionDep) -> Answer:
    data = Shopper.model_validate(session)
    session["theme"] = theme
    return Answer(user_id=data.user_id, theme=theme)
