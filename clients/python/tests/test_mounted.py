"""Applications beside and within each other: mounted ones, several managers, foreign middleware."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.models import OpenAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from sqladmin import Admin, ModelView
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware as SignedCookies
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.servers import Group, Process
from support.web import client, get, served

from redis_session_client.fastapi import (
    CookieFrontend,
    CookiePolicy,
    HeaderFrontend,
    LiveSession,
    MemoryBackend,
    SessionManager,
    Visit,
)


class Profile(BaseModel):
    name: str
    role: str = "user"


@pytest.fixture
def own() -> Iterator[Process]:
    """A server of the test's own, on which nobody has registered schemas."""
    with Group() as group:
        yield group.start()


def add_routes(app: FastAPI | APIRouter, sessions: SessionManager) -> None:
    Someone = Annotated[Visit[Profile], Depends(sessions.visit(Profile))]  # noqa: N806
    Current = Annotated[LiveSession[Profile], Depends(sessions.required(Profile))]  # noqa: N806

    @app.post("/login")
    async def login(visit: Someone, user: str) -> None:
        await visit.login(user, {"name": user})

    @app.get("/me")
    async def me(session: Current) -> str:
        return session.data.name

    @app.post("/logout")
    async def logout(visit: Someone) -> None:
        await visit.logout()

    @app.post("/stale")
    async def stale(session: Current) -> None:
        await session.replace(session.data, if_version=99)


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The document, which OpenAPI's rules allow."""
    OpenAPI.model_validate(document)
    schemes: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in schemes)
    for path in document["paths"].values():
        for operation in path.values():
            for entry in operation.get("security", []):
                assert set(entry) <= set(schemes)
    return document


def named_cookie(name: str) -> list[CookieFrontend]:
    return [CookieFrontend(CookiePolicy(name, insecure=True))]


def test_a_mounted_application_with_its_own_manager(own: Process) -> None:
    """Its start-up code never runs, so its first login registers the schema."""
    sessions = SessionManager(own.url, prefix="admin:", frontends=named_cookie("admin"))
    inner, outer = FastAPI(), FastAPI()
    sessions.install(inner)
    add_routes(inner, sessions)
    outer.mount("/admin", inner)
    with served(outer) as url, client(url) as browser:
        assert browser.get("/admin/me").status_code == 401
        assert browser.post("/admin/login", params={"user": "ada"}).status_code == 200
        assert browser.get("/admin/me").json() == "ada"
        assert browser.post("/admin/stale").status_code == 409
        assert list(browser.cookies) == ["admin"]
        document = valid(browser.get("/admin/openapi.json").json())
        assert list(document["components"]["securitySchemes"]) == ["SessionCookie-admin"]


@pytest.mark.parametrize("installed", [False, True])
def test_a_mounted_application_with_the_outer_manager(own: Process, installed: bool) -> None:
    sessions = SessionManager(own.url, insecure=True)
    inner, outer = FastAPI(), FastAPI()
    sessions.install(outer)
    if installed:
        sessions.install(inner)
    add_routes(inner, sessions)
    add_routes(outer, sessions)
    outer.mount("/inner", inner)
    with served(outer) as url, client(url) as browser:
        assert browser.post("/inner/login", params={"user": "ada"}).status_code == 200
        assert browser.get("/me").json() == "ada"
        assert browser.get("/inner/me").headers["vary"] == "Cookie"
        # Handlers of exceptions belong to the application that has the route.
        assert browser.post("/inner/stale").status_code == (409 if installed else 500)
        document = valid(browser.get("/inner/openapi.json").json())
        assert "/me" in document["paths"]
        if installed:
            assert "401" in document["paths"]["/me"]["get"]["responses"]
        assert browser.post("/inner/logout").status_code == 200
        assert browser.get("/me").status_code == 401


def test_two_managers_in_one_application(own: Process) -> None:
    shop = SessionManager(own.url, prefix="shop:", insecure=True)
    office = SessionManager(own.url, prefix="office:", frontends=named_cookie("office"))
    app = FastAPI()
    for manager, path in ((shop, "/shop"), (office, "/office")):
        manager.install(app)
        router = APIRouter(prefix=path)
        add_routes(router, manager)  # the same model in both
        app.include_router(router)

    guards = [Depends(shop.required(Profile)), Depends(office.required(Profile))]

    @app.get("/both", dependencies=guards)
    async def both() -> str:
        return "both"

    with served(app) as url, client(url) as browser:
        browser.post("/shop/login", params={"user": "ada"})
        assert browser.get("/office/me").status_code == 401
        assert browser.get("/both").status_code == 401
        browser.post("/office/login", params={"user": "bob"})
        assert (browser.get("/shop/me").json(), browser.get("/office/me").json()) == ("ada", "bob")
        assert browser.get("/both").json() == "both"
        browser.post("/office/logout")
        assert browser.get("/shop/me").json() == "ada"
        assert browser.get("/office/me").status_code == 401

        document = valid(browser.get("/openapi.json").json())
        names = {"SessionCookie", "SessionCookie-office"}
        assert set(document["components"]["securitySchemes"]) == names
        security = {path: each for path, each in document["paths"].items()}
        assert security["/shop/me"]["get"]["security"] == [{"SessionCookie": ["Profile"]}]
        assert security["/office/me"]["get"]["security"] == [{"SessionCookie-office": ["Profile"]}]
        # Both are needed.
        assert security["/both"]["get"]["security"] == [
            {"SessionCookie": ["Profile"], "SessionCookie-office": ["Profile"]}
        ]
        assert get(f"{url}/docs").status_code == 200


def test_openapi_that_is_replaced_later_is_described_too(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI()
    sessions.install(app)
    add_routes(app, sessions)

    def custom() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = get_openapi(title="mine", version="1", routes=app.routes)
        return app.openapi_schema

    app.openapi = custom  # type: ignore[method-assign]
    valid(app.openapi())
    with served(app) as url:
        document = valid(get(f"{url}/openapi.json").json())
        assert document["info"]["title"] == "mine"
        assert {"401", "403", "400", "503"} <= set(document["paths"]["/me"]["get"]["responses"])


def test_a_document_that_is_made_directly_is_valid() -> None:
    sessions = SessionManager(MemoryBackend(), frontends=[CookieFrontend(), HeaderFrontend("X#Y")])
    router = APIRouter()
    add_routes(router, sessions)

    def is_großartig(session: LiveSession[Any]) -> bool:
        return True

    guard = Depends(sessions.required(None, "any name: 'ß'", is_großartig))
    router.get("/named", dependencies=[guard])(lambda: None)
    app = FastAPI()
    app.include_router(router)  # without install
    valid(get_openapi(title="bare", version="1", routes=app.routes))
    valid(app.openapi())


def test_routes_that_are_added_after_the_first_document() -> None:
    sessions = SessionManager(MemoryBackend(), insecure=True)
    app = FastAPI()
    sessions.install(app)
    valid(app.openapi())
    add_routes(app, sessions)
    app.openapi_schema = None
    document = valid(app.openapi())
    assert list(document["components"]["securitySchemes"]) == ["SessionCookie"]


def test_an_application_behind_a_root_path(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI()
    sessions.install(app)
    add_routes(app, sessions)
    # As behind a proxy that takes the path away before it passes a request on.
    with served(app, root_path="/api/v1") as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
        assert "Path=/;" in browser.post("/login", params={"user": "ada"}).headers["set-cookie"]
        assert browser.get("/me").json() == "ada"
        document = valid(browser.get("/openapi.json").json())
        assert document["servers"] == [{"url": "/api/v1"}]


# Foreign middleware of the same key in the scope, `session`.


async def count(request: Request) -> JSONResponse:
    request.session["n"] = request.session.get("n", 0) + 1
    return JSONResponse(request.session["n"])


def test_starlettes_own_sessions_in_a_mounted_application(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI()
    sessions.install(app)
    add_routes(app, sessions)
    signed = Middleware(SignedCookies, secret_key="of the test", session_cookie="signed")
    app.mount("/inner", Starlette(routes=[Route("/count", count)], middleware=[signed]))
    with served(app) as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
        assert [browser.get("/inner/count").json() for _ in range(3)] == [1, 2, 3]
        assert browser.get("/me").json() == "ada"
        browser.post("/logout")
        assert browser.get("/inner/count").json() == 4


def test_starlettes_own_sessions_in_the_same_application(own: Process) -> None:
    sessions = SessionManager(own.url, insecure=True)
    app = FastAPI()
    app.add_middleware(SignedCookies, secret_key="of the test", session_cookie="signed")
    sessions.install(app)
    add_routes(app, sessions)
    app.add_route("/count", count)
    with served(app) as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
        assert [browser.get("/count").json() for _ in range(2)] == [1, 2]
        assert browser.get("/me").json() == "ada"


class Base(DeclarativeBase):
    pass


class Pet(Base):
    __tablename__ = "pet"
    id: Mapped[int] = mapped_column(primary_key=True)


class OneUser(AuthenticationBackend):
    """sqladmin's own login, which keeps its token in its own `request.session`."""

    async def login(self, request: Request) -> bool:
        form = await request.form()
        request.session.update({"token": str(form["username"])})
        return True

    async def logout(self, request: Request) -> bool:
        request.session.clear()
        return True

    async def authenticate(self, request: Request) -> bool:
        return "token" in request.session


def test_sqladmin_with_its_own_login_beside_guards(own: Process) -> None:
    sessions = SessionManager(own.url, prefix="site:", frontends=named_cookie("site"))
    app = FastAPI()
    sessions.install(app)
    add_routes(app, sessions)
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    Base.metadata.create_all(engine)
    admin = Admin(app, engine, authentication_backend=OneUser(secret_key="of the test"))

    class PetView(ModelView, model=Pet):
        pass

    admin.add_view(PetView)
    with served(app) as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})

        def inside() -> bool:
            reply: httpx.Response = browser.get("/admin/pet/list")
            return reply.status_code == 200

        assert not inside()
        browser.post("/admin/login", data={"username": "root", "password": "x"})
        assert inside()
        assert browser.get("/me").json() == "ada"
        browser.get("/admin/logout")
        assert not inside()
        assert browser.get("/me").json() == "ada"
        browser.post("/admin/login", data={"username": "root", "password": "x"})
        browser.post("/logout")
        assert inside()
        assert browser.get("/me").status_code == 401
