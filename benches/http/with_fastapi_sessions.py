"""The measured application with fastapi-sessions, as its documentation shows it.

Its documentation has one backend, a dict in the application's memory: it asks no server, and other
processes do not see its sessions.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi_sessions.backends.implementations import InMemoryBackend
from fastapi_sessions.frontends.implementations import CookieParameters, SessionCookie
from fastapi_sessions.session_verifier import SessionVerifier
from shopper import LIFETIME, Answer, Shopper, Theme, shopper

app = FastAPI()
cookie = SessionCookie(
    cookie_name="session",
    identifier="shop",
    auto_error=True,
    secret_key="only for a measurement",  # noqa: S106
    cookie_params=CookieParameters(max_age=LIFETIME),
)
backend: InMemoryBackend[UUID, Shopper] = InMemoryBackend()


class Verifier(SessionVerifier[UUID, Shopper]):
    identifier = "shop"
    backend = backend
    auto_error = True
    auth_http_exception = HTTPException(status_code=401)

    def verify_session(self, model: Shopper) -> bool:
        return True


ID = Annotated[UUID, Depends(cookie)]
Present = Annotated[Shopper, Depends(Verifier())]


@app.post("/login/{user}")
async def login(user: str, response: Response) -> Answer:
    data, session_id = shopper(user), uuid4()
    await backend.create(session_id, data)
    cookie.attach_to_response(response, session_id)
    return Answer(user_id=data.user_id, theme=data.theme)


@app.get("/read", dependencies=[Depends(cookie)])
async def read(session: Present) -> Answer:
    return Answer(user_id=session.user_id, theme=session.theme)


@app.post("/theme/{theme}", dependencies=[Depends(cookie)])
async def change(theme: Theme, session_id: ID, session: Present) -> Answer:
    session.theme = theme
    await backend.update(session_id, session)
    return Answer(user_id=session.user_id, theme=theme)
