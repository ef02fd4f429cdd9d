"""The measured application with `request.session` of the Python client's middleware.

client.py is the same application with the client's guards. REDIS_URL is the address of the server.
"""

from __future__ import annotations

import os
from datetime import timedelta

from fastapi import FastAPI, HTTPException, Request
from shopper import LIFETIME, Answer, Shopper, Theme, shopper

from redis_session_client.starlette import SessionMiddleware

app = FastAPI()
app.add_middleware(
    SessionMiddleware,
    backend=os.environ["REDIS_URL"],
    insecure=True,
    user="user_id",
    rotate_on=["user_id"],
    lifetime=timedelta(days=30),
    idle=LIFETIME,
)


def present(request: Request) -> Shopper:
    if "user_id" not in request.session:
        raise HTTPException(401)
    return Shopper.model_validate(request.session)


@app.post("/login/{user}")
async def login(user: str, request: Request) -> Answer:
    data = shopper(user)
    request.session.update(data.model_dump(mode="json"))
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
