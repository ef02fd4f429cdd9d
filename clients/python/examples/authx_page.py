"""The program of AuthX's page on Redis sessions. Only its imports are changed.

uvicorn authx_page:app
"""

import random
from datetime import timedelta
from typing import Any

from fastapi import Depends, FastAPI, Request, Response

from redis_session_client.authx import (
    SessionStorage,
    basicConfig,
    deleteSession,
    getSession,
    getSessionId,
    getSessionStorage,
    setSession,
)

basicConfig(
    redisURL="redis://localhost:6379/0",
    sessionIdName="sessionId",
    sessionIdGenerator=lambda: str(random.randint(1000, 9999)),
    expireTime=timedelta(days=1),
)

app = FastAPI(title=__name__)


@app.post("/setSession")
async def _setSession(
    request: Request,
    response: Response,
    sessionStorage: SessionStorage = Depends(getSessionStorage),
):
    sessionData = await request.json()
    setSession(response, sessionData, sessionStorage)


@app.get("/getSession")
async def _getSession(session: Any = Depends(getSession)):
    return session


@app.post("/deleteSession")
async def _deleteSession(
    sessionId: str = Depends(getSessionId),
    sessionStorage: SessionStorage = Depends(getSessionStorage),
):
    deleteSession(sessionId, sessionStorage)
    return None
