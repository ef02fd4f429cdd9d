"""fastapi-sessions with this package as its backend: the interface, and the documented program."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi_sessions.backends.session_backend import BackendError, SessionBackend
from fastapi_sessions.frontends.implementations import CookieParameters, SessionCookie
from fastapi_sessions.session_verifier import SessionVerifier
from pydantic import BaseModel
from support.servers import Process
from support.web import client, get, served

from redis_session_client import AsyncSessions, NoSession
from redis_session_client.fastapi.models.writes import jsonable

# fastapi-sessions calls deprecated methods of Pydantic.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.PydanticDeprecatedSince20")


class SessionData(BaseModel):
    username: str


class Backend(SessionBackend[UUID, SessionData]):
    """fastapi-sessions makes the IDs (UUIDs) itself, so this uses `create_as`, which is NX."""

    def __init__(self, sessions: AsyncSessions, prefix: str) -> None:
        self.sessions = sessions
        self.prefix = prefix

    async def create(self, session_id: UUID, data: SessionData) -> None:
        if not await self.sessions.create_as(self.prefix + session_id.hex, jsonable(data)):
            raise BackendError("create can't overwrite an existing session")

    async def read(self, session_id: UUID) -> SessionData | None:
        found = await self.sessions.verify(self.prefix + session_id.hex)
        return None if found is None else SessionData.model_validate_json(found.text)

    async def update(self, session_id: UUID, data: SessionData) -> None:
        try:
            await self.sessions.set(self.prefix + session_id.hex, jsonable(data))
        except NoSession:
            raise BackendError("session does not exist, cannot update") from None

    async def delete(self, session_id: UUID) -> None:
        if not await self.sessions.delete(self.prefix + session_id.hex):
            raise KeyError(session_id)


class Verifier(SessionVerifier[UUID, SessionData]):
    identifier = "general_verifier"
    auto_error = True
    auth_http_exception = HTTPException(status_code=403, detail="invalid session")

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def backend(self) -> Backend:
        return self._backend

    def verify_session(self, model: SessionData) -> bool:
        return model.username != "banned"


@pytest.fixture
def backend(asessions: AsyncSessions, prefix: str) -> Backend:
    return Backend(asessions, prefix)


@pytest.fixture
def browser(server: Process, prefix: str) -> Iterator[httpx.Client]:
    own = server.async_client()
    backend = Backend(AsyncSessions(own), prefix)
    cookie = SessionCookie(
        cookie_name="cookie",
        identifier="general_verifier",
        secret_key="not a secret here",
        cookie_params=CookieParameters(),
        auto_error=True,
    )
    verifier = Verifier(backend)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await own.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.post("/create_session/{name}")
    async def create_session(name: str, response: Response) -> str:
        session = uuid4()
        await backend.create(session, SessionData(username=name))
        cookie.attach_to_response(response, session)
        return "created"

    @app.get("/whoami", dependencies=[Depends(cookie)])
    async def whoami(session_data: SessionData = Depends(verifier)) -> SessionData:  # noqa: B008
        return session_data

    @app.post("/delete_session")
    async def delete_session(response: Response, session_id: UUID = Depends(cookie)) -> str:  # noqa: B008
        await backend.delete(session_id)
        cookie.delete_from_response(response)
        return "deleted"

    with served(app) as url, client(url) as found:
        yield found


async def test_reads_a_copy_of_what_was_created(backend: Backend) -> None:
    session, data = uuid4(), SessionData(username="ada")
    await backend.create(session, data)
    data.username = "changed"
    found = await backend.read(session)
    assert found == SessionData(username="ada")
    assert found is not data


async def test_reads_none_where_there_is_none(backend: Backend) -> None:
    assert await backend.read(uuid4()) is None


async def test_create_overwrites_nothing(backend: Backend) -> None:
    session = uuid4()
    await backend.create(session, SessionData(username="ada"))
    with pytest.raises(BackendError):
        await backend.create(session, SessionData(username="eve"))
    assert await backend.read(session) == SessionData(username="ada")


async def test_update_changes_what_is_there_and_makes_nothing(backend: Backend) -> None:
    session = uuid4()
    with pytest.raises(BackendError):
        await backend.update(session, SessionData(username="ada"))
    assert await backend.read(session) is None
    await backend.create(session, SessionData(username="ada"))
    await backend.update(session, SessionData(username="eve"))
    assert await backend.read(session) == SessionData(username="eve")


async def test_delete_ends_it_once(backend: Backend) -> None:
    session = uuid4()
    await backend.create(session, SessionData(username="ada"))
    await backend.delete(session)
    assert await backend.read(session) is None
    with pytest.raises(KeyError):
        await backend.delete(session)


def test_its_documented_program(browser: httpx.Client) -> None:
    assert browser.get("/whoami").status_code == 403
    browser.post("/create_session/ada")
    assert browser.get("/whoami").json() == {"username": "ada"}
    kept = browser.cookies["cookie"]
    assert browser.post("/delete_session").json() == "deleted"
    assert "cookie" not in browser.cookies
    again = get(f"{browser.base_url}/whoami", headers={"cookie": f"cookie={kept}"})
    assert again.status_code == 403


def test_its_verifier_refuses(browser: httpx.Client) -> None:
    browser.post("/create_session/banned")
    assert browser.get("/whoami").status_code == 403


def test_a_cookie_with_a_bad_signature_is_refused(browser: httpx.Client) -> None:
    browser.post("/create_session/ada")
    forged = {"cookie": f"cookie={browser.cookies['cookie'][:-2]}"}
    reply = get(f"{browser.base_url}/whoami", headers=forged)
    assert reply.status_code == 401
