"""The measured application with sessions of the Python client, written as its README recommends.

usual.py is the same application without the client. REDIS_URL is the address of the server.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, FastAPI
from shopper import LIFETIME, Answer, Shopper, Theme, shopper

from redis_session_client.fastapi import LiveSession, SessionManager, Visit

app = FastAPI()
# The absolute lifetime comes on top of the idle timeout; usual.py has no counterpart to it.
sessions = SessionManager(
    os.environ["REDIS_URL"], insecure=True, lifetime=timedelta(days=30), idle=LIFETIME
)
sessions.install(app)

Present = Annotated[LiveSession[Shopper], Depends(sessions.required(Shopper))]


@app.post("/login/{user}")
async def login(
    user: str, visit: Annotated[Visit[Shopper], Depends(sessions.visit(Shopper))]
) -> Answer:
    data = shopper(user)
    await visit.login(user, data)
    return Answer(user_id=data.user_id, theme=data.theme)


@app.get("/read")
async def read(session: Present) -> Answer:
    return Answer(user_id=session.data.user_id, theme=session.data.theme)


@app.post("/theme/{theme}")
async def change(theme: Theme, session: Present) -> Answer:
    await session.patch({"theme": theme})
    return Answer(user_id=session.data.user_id, theme=theme)
