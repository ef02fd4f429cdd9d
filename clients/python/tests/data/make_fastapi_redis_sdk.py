"""Makes fastapi_redis_sdk.json: keys that fastapi-redis-sdk itself has written.

    pip install fastapi-redis-sdk==0.9.1 httpx
    redis-server --port 7400 &      # Redis 7.4 or later, empty
    python make_fastapi_redis_sdk.py redis://localhost:7400/0

An application logs in three visitors and lets a fourth fill a cart. The file has their cookies,
what the application says of each, and all keys with their hashes.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["REDIS_URL"] = sys.argv[1]
os.environ["REDIS_SESSION_COOKIE_HTTPS_ONLY"] = "false"

import httpx
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from redis_fastapi import FastAPIRedis, SessionDep

app = FastAPI()
FastAPIRedis(app).lifespan().sessions()


@app.post("/login/{user}")
async def login(user: int, session: SessionDep) -> None:
    session["user_id"] = user
    session["cart"] = ["ä", user]


@app.post("/cart")
async def cart(session: SessionDep) -> None:
    session["cart"] = [1, {"price": 1.5}]


@app.get("/session")
async def read(session: SessionDep) -> dict[str, Any]:
    return dict(session)


visitors = []
with TestClient(app) as site:
    for path in ("/login/1", "/login/2", "/login/2", "/cart"):
        site.cookies = httpx.Cookies()
        site.post(path).raise_for_status()
        visitors.append({"cookie": site.cookies["session"], "session": site.get("/session").json()})
keys = {}
with redis.Redis.from_url(sys.argv[1], decode_responses=True) as server:
    for name in server.scan_iter():
        keys[name] = {"hash": server.hgetall(name), "seconds": server.ttl(name)}
text = json.dumps({"visitors": visitors, "keys": keys}, indent=1, ensure_ascii=False)
Path(__file__).with_name("fastapi_redis_sdk.json").write_text(text + "\n")
