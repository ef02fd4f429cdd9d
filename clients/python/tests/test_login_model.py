"""A login with a model stores every field of the model, also those with default factories."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntFlag
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, FastAPI
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, HttpUrl, SecretStr
from support.servers import Process
from support.web import client, served

from redis_session_client.fastapi import LiveSession, SessionManager, Visit


class Rights(IntFlag):
    READ = 1
    WRITE = 2


class Account(BaseModel):
    """Types that JSON does not know, over real HTTP."""

    model_config = ConfigDict(extra="forbid")
    since: datetime = Field(default_factory=datetime.now)
    born: date = date(1815, 12, 10)
    opens: time = time(9, 30)
    trial: timedelta = timedelta(days=400, seconds=0.5)
    password: SecretStr
    balance: Decimal = Decimal("1.10")
    credit: float = math.inf
    rights: Rights = Rights.READ | Rights.WRITE
    name: str = Field(default="jos\u00e9", pattern=r"^\w+$")
    page: HttpUrl = Field(default="http://x/?f[a]=1|2", validate_default=True)
    last_seen: datetime | None = Field(
        default=None,
        validation_alias=AliasChoices("lastSeen", "last_seen"),
        serialization_alias="seen",
    )


class Visitor(BaseModel):
    name: str
    nickname: str | None = None
    csrf: str = Field(default_factory=lambda: uuid4().hex)


def program(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    kept: list[Account] = []
    sessions.install(app)

    @app.post("/login")
    async def login(visit: Annotated[Visit[Visitor], Depends(sessions.visit(Visitor))]) -> Any:
        visitor = Visitor(name="ada")
        await visit.login("ada", visitor)
        return visitor

    @app.post("/account")
    async def account(visit: Annotated[Visit[Account], Depends(sessions.visit(Account))]) -> bool:
        account = Account(password=SecretStr("hush"))
        await visit.login("ada", account)
        kept.append(account)
        return True

    @app.get("/account")
    async def look(
        session: Annotated[LiveSession[Account], Depends(sessions.required(Account))],
    ) -> bool:
        return session.data == kept[-1] and session.data.password.get_secret_value() == "hush"

    @app.get("/read")
    async def read(
        session: Annotated[LiveSession[Visitor], Depends(sessions.required(Visitor))],
    ) -> Any:
        return session.data

    return app


def test_what_a_default_made_for_the_object_is_what_is_stored(server: Process, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(program(sessions)) as url, client(url) as browser:
        visitor = browser.post("/login").json()
        assert browser.get("/read").json() == visitor


def test_types_that_json_does_not_know_are_stored_by_a_login(server: Process, prefix: str) -> None:
    sessions = SessionManager(server.url, prefix=prefix, insecure=True)
    with served(program(sessions)) as url, client(url) as browser:
        for _ in range(2):  # without a session, and again over that session
            assert browser.post("/account").json() is True
            assert browser.get("/account").json() is True
