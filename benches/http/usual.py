"""The measured application with sessions as JSON in plain strings, by redis-py and Pydantic alone.

client.py is the same application with the Python client. The cookie `ssid` holds the session ID, a
random UUID. REDIS_URL is the address of the server.
"""

from __future__ import annotations

import os
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from redis.asyncio import Redis
from shopper import LIFETIME, Answer, Shopper, Theme, shopper

app = FastAPI()
redis = Redis.from_url(os.environ["REDIS_URL"])


async def present(request: Request) -> str:
    """The key of the request's session; a request without the cookie gets status 401."""
    ssid = request.cookies.get("ssid")
    if ssid is None:
        raise HTTPException(401)
    return "session:" + ssid


Key = Annotated[str, Depends(present)]


def parsed(text: bytes | str | None) -> Shopper:
    if text is None:
        raise HTTPException(401)
    return Shopper.model_validate_json(text)


@app.post("/login/{user}")
async def login(user: str, response: Response) -> Answer:
    data, ssid = shopper(user), uuid4().hex
    await redis.set("session:" + ssid, data.model_dump_json(), ex=LIFETIME)
    response.set_cookie("ssid", ssid, httponly=True, samesite="lax")
    return Answer(user_id=data.user_id, theme=data.theme)


@app.get("/read")
async def read(key: Key) -> Answer:
    data = parsed(await redis.getex(key, ex=LIFETIME))
    return Answer(user_id=data.user_id, theme=data.theme)


@app.post("/theme/{theme}")
async def change(theme: Theme, key: Key) -> Answer:
    data = parsed(await redis.get(key))
    data.theme = theme
    await redis.set(key, data.model_dump_json(), ex=LIFETIME)
    return Answer(user_id=data.user_id, theme=data.theme)
