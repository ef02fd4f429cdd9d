"""A shop: a cart before and after login, a back office, and a page of the user's devices.

`python serve.py` starts it with a server of its own. `create_app` makes the whole application; the
lines with `visit` or `session` deal with sessions.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Form, HTTPException, Request, WebSocket
from fastapi.exception_handlers import http_exception_handler
from goods import ITEMS, Order, authenticated, counted, euros
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from views import ago, browser_of

from redis_session_client import Invalid
from redis_session_client.fastapi import LiveSession, SessionManager, Visit

HERE = Path(__file__).parent


class Visitor(BaseModel):
    """The data of a session. The server checks it in every write."""

    name: str | None = None
    role: Literal["customer", "manager"] = "customer"
    device: str = Field(default="", max_length=80)
    cart: dict[str, str] = Field(default={}, max_length=50)
    """The item of each line, by a unique name, so that two tabs never write the same member."""
    notice: str | None = Field(default=None, max_length=200)
    """A message that the next page shows once."""


class Manager(BaseModel):
    """The check of the back office. As a verifier, it is a schema that the server checks."""

    role: Literal["manager"]


PAGES_TO_RETURN_TO = {"/", "/cart", "/devices", "/office"}


def create_app(
    sessions: SessionManager, *, hints: dict[str, Any] | None = None, look_every: float = 1
) -> FastAPI:
    """Makes the shop. `hints` go to the pages' footer; `look_every` is in seconds."""
    app = FastAPI(title="Corner shop")
    sessions.install(app)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    templates = Jinja2Templates(HERE / "templates")
    templates.env.filters |= {"ago": ago, "euros": euros}
    orders: list[Order] = []

    someone = sessions.visit(Visitor)
    required = sessions.required(Visitor)

    async def logged_in(
        session: Annotated[LiveSession[Visitor], Depends(required)],
    ) -> LiveSession[Visitor]:
        if session.user is None:  # a visitor with a cart
            raise HTTPException(401)
        return session

    Someone = Annotated[Visit[Visitor], Depends(someone)]  # noqa: N806
    Current = Annotated[LiveSession[Visitor], Depends(logged_in)]  # noqa: N806
    ManagersSession = Annotated[  # noqa: N806
        LiveSession[Visitor], Depends(sessions.required(Visitor, Manager))
    ]

    async def page(
        request: Request, name: str, session: LiveSession[Visitor] | None, **more: Any
    ) -> Response:
        """Renders a page. The notice is read and removed in one step, so one tab shows it, once."""
        notice = None
        if session is not None and session.data.notice is not None:
            notice = (await session.pop("/notice")).get("/notice")
        visitor = session.data if session else Visitor()
        return templates.TemplateResponse(
            request,
            f"{name}.html",
            {
                "visitor": visitor,
                "user": session and session.user,
                "info": session and session.info,
                "notice": notice,
                "lines": counted(visitor.cart),
                "hints": hints or {},
                **more,
            },
        )

    def to(path: str) -> RedirectResponse:
        return RedirectResponse(path, 303)

    def gone() -> RedirectResponse:
        """Redirects after a logout. Chromium's back button can restore even pages with no-store."""
        return RedirectResponse("/", 303, {"Clear-Site-Data": '"cache"'})

    @app.middleware("http")
    async def headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        # With SameSite=Lax, forms of other sites come without the cookie. A login needs no cookie,
        # so check the site too.
        if request.method == "POST" and request.headers.get("sec-fetch-site") not in (
            None,
            "none",
            "same-origin",
        ):
            return Response("This form belongs to another site.", 403)
        response = await call_next(request)
        response.headers["content-security-policy"] = "default-src 'self'; frame-ancestors 'none'"
        response.headers["referrer-policy"] = "same-origin"
        if not request.url.path.startswith("/static/"):
            # Neither a cache nor the back button may show a visitor's pages after a logout.
            response.headers["cache-control"] = "no-store"
        return response

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401:
            path = request.url.path if request.method == "GET" else "/cart"
            return to("/login?" + urlencode({"next": path}))
        if error.status_code == 403:
            visit = await someone(connection=request)
            answer = await page(request, "refused", visit.session)
            answer.status_code = 403
            return answer
        return await http_exception_handler(request, error)

    @app.get("/")
    async def shop(request: Request, visit: Someone) -> Response:
        return await page(request, "shop", visit.session, items=ITEMS.values())

    @app.post("/cart")
    async def put_in(item: Annotated[str, Form()], visit: Someone) -> Response:
        if item not in ITEMS:
            raise HTTPException(404)
        line = secrets.token_hex(4)
        notice = f"{ITEMS[item].name} is in your cart."
        # One command changes these two members, and creates the session if there is none. A visitor
        # who only looks has no session.
        try:
            await visit.save({"cart": {line: item}, "notice": notice})
        except Invalid:  # the model allows no more lines
            await visit.save({"notice": "Your cart is full."})
            return to("/cart")
        return to("/")

    @app.get("/cart")
    async def cart(request: Request, visit: Someone) -> Response:
        return await page(request, "cart", visit.session)

    @app.post("/cart/remove")
    async def take_out(item: Annotated[str, Form()], visit: Someone) -> Response:
        if visit.session is not None:
            mine = visit.session.data.cart
            line = next((line for line, its in reversed(mine.items()) if its == item), None)
            if line is not None:
                await visit.session.patch({"cart": {line: None}})
        return to("/cart")

    @app.post("/checkout")
    async def checkout(session: Current) -> Response:
        # The cart is read and removed in one step, so only one of two clicks gets it.
        taken = (await session.pop("/cart")).get("/cart")
        if not taken:
            await session.patch({"notice": "There is nothing in your cart."})
        else:
            orders.insert(0, Order(session.user or "", counted(taken)))
            number, total = orders[0].number, orders[0].total
            await session.patch({"notice": f"Thank you. Your order is no. {number}, {total}."})
        return to("/cart")

    @app.get("/login")
    async def ask(request: Request, visit: Someone, next: str = "/") -> Response:
        return await page(request, "login", visit.session, next=next)

    @app.post("/login")
    async def log_in(
        request: Request,
        visit: Someone,
        user: Annotated[str, Form()],
        password: Annotated[str, Form()],
        remember: Annotated[bool, Form()] = False,
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        account = await asyncio.to_thread(authenticated, user, password)
        if account is None:
            answer = await page(request, "login", visit.session, next=next, failed=True, typed=user)
            answer.status_code = 403
            return answer
        # One command sets a new token, the user and these members. The cart stays.
        await visit.login(
            account.user,
            {
                "name": account.name,
                "role": account.role,
                "device": browser_of(request.headers.get("user-agent", "")),
                "notice": f"Welcome, {account.name}.",
            },
            remember=remember,
        )
        return to(next if next in PAGES_TO_RETURN_TO else "/")

    @app.post("/logout")
    async def log_out(visit: Someone) -> Response:
        await visit.logout()
        return gone()

    @app.get("/devices")
    async def devices(request: Request, session: Current) -> Response:
        found = await session.devices("/device")
        return await page(request, "devices", session, devices=found)

    @app.post("/devices/end")
    async def end_device(handle: Annotated[str, Form()], session: Current) -> Response:
        ended = await session.end_device(handle)
        said = "That device is logged out." if ended else "That device was not logged in any more."
        await session.patch({"notice": said})
        return to("/devices")

    @app.post("/devices/end-others")
    async def end_others(session: Current) -> Response:
        count = await session.end_others()
        await session.patch({"notice": f"Logged out on {count} other device(s)."})
        return to("/devices")

    @app.post("/devices/end-everywhere")
    async def end_everywhere(session: Current) -> Response:
        await session.end_everywhere()
        return gone()

    @app.get("/office")
    async def office(request: Request, session: ManagersSession) -> Response:
        return await page(request, "office", session, orders=orders)

    @app.get("/alive")
    async def alive(visit: Someone) -> Response:
        """Whether somebody is logged in, for a page that could not open the WebSocket."""
        return Response(status_code=204 if visit.session and visit.session.user else 401)

    @app.websocket("/live")
    async def live(
        websocket: WebSocket,
        session: Annotated[
            LiveSession[Visitor], Depends(sessions.socket(Visitor, named, every=look_every))
        ],
    ) -> None:
        """A WebSocket that pages of a logged-in user hold open. It closes when the session ends."""
        await websocket.accept()
        async for _ in websocket.iter_text():
            pass

    return app


def named(session: LiveSession[Visitor]) -> bool:
    """A verifier in Python: whether somebody is logged in."""
    return session.user is not None
