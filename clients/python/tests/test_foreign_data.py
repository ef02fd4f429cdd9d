"""Data that another client stored: what Python cannot read is refused, and is never a 500."""

import logging
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
import redis
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from support.servers import Process
from support.web import client, served

from redis_session_client import key_of_token
from redis_session_client._json import Unreadable, exact_loads
from redis_session_client.fastapi import LiveSession, SessionManager, Visit


class Counter(BaseModel):
    model_config = ConfigDict(extra="allow")
    n: int = 0
    x: float = 0


def application(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)
    needed = {"plain": sessions.required(), "model": sessions.required(Counter)}
    optional = {"plain": sessions.optional(), "model": sessions.optional(Counter)}
    visits = {"plain": sessions.visit(), "model": sessions.visit(Counter)}
    for kind in needed:

        def read(session: Annotated[LiveSession, Depends(needed[kind])]) -> Any:
            return session.data

        def look(session: Annotated[LiveSession | None, Depends(optional[kind])]) -> bool:
            return session is not None

        async def login(visit: Annotated[Visit, Depends(visits[kind])]) -> Any:
            return await visit.login("ada", {"n": 1})

        for route in (read, look, login):
            # Annotations are types: strings could not name what the loop makes.
            path = f"/{kind}/{route.__name__}"
            (app.post if route is login else app.get)(path)(route)
    return app


@pytest.fixture
def browser(server: Process, prefix: str) -> Iterator[httpx.Client]:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(application(sessions)) as url, client(url) as browser:
        yield browser


UNREADABLE = ['{"x":1e400}', '{"y":-1e400}', '{"n":%s}' % ("9" * 5000), '{"y":[%s]}' % ("9" * 5000)]


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:12])
@pytest.mark.parametrize("kind", ["plain", "model"])
def test_what_cannot_be_read_is_refused(
    browser: httpx.Client, prefix: str, raw: redis.Redis, text: str, kind: str, caplog: Any
) -> None:
    browser.post("/plain/login")
    token = browser.cookies["session"]
    raw.execute_command("SESSION.SET", key_of_token(prefix, token), text)
    with caplog.at_level(logging.WARNING, "redis_session_client"):
        reply = browser.get(f"/{kind}/read")
    assert reply.status_code in ((403,) if kind == "plain" else (200, 403)), reply.text
    if reply.status_code == 403:
        assert "data" in caplog.text
        assert "999" not in caplog.text
        assert browser.get(f"/{kind}/look").json() is False
    # The visitor is not stuck: a login begins anew.
    assert browser.post(f"/{kind}/login").status_code == 200
    assert browser.get(f"/{kind}/read").status_code == 200


def test_numbers_that_python_holds_are_read_exactly() -> None:
    digits = "9" * sys.get_int_max_str_digits()
    assert exact_loads(f'[{digits},1e308,-5e-324,1e-400,"1e400"]') == [
        int(digits),
        1e308,
        -5e-324,
        0.0,
        "1e400",
    ]
    for text in ("1e309", '{"a":[-1e400]}', digits + "9"):
        with pytest.raises(Unreadable):
            exact_loads(text)
