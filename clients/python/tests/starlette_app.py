"""The Starlette application of the middleware's tests: a JSON body sets and removes members."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from support.servers import LIMIT

from redis_session_client.starlette import SessionMiddleware, visit_of


def make(
    backend: Any, *, close: Callable[[], Awaitable[None]] | None = None, **options: Any
) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        if close is not None:
            await close()

    gates: dict[str, asyncio.Event] = {}
    waiting: set[str] = set()

    def gate(request: Request) -> asyncio.Event:
        return gates.setdefault(request.query_params["gate"], asyncio.Event())

    async def change(request: Request) -> None:
        """Applies a body: `clear`, names to `remove`, members to `set`, Python `code` on `s`."""
        wanted = await request.json()
        if wanted.get("clear"):
            request.session.clear()
        for name in wanted.get("remove", []):
            del request.session[name]
        request.session.update(wanted.get("set", {}))
        if "code" in wanted:
            exec(wanted["code"], {"s": request.session})  # noqa: S102

    async def read(request: Request) -> Response:
        return JSONResponse(dict(request.session))

    async def write(request: Request) -> Response:
        await change(request)
        return Response()

    async def slow(request: Request) -> Response:
        """Changes its session, then answers when the test opens the gate."""
        await change(request)
        waiting.add(request.query_params["gate"])
        # The limit is for a test that fails before it opens the gate.
        await asyncio.wait_for(gate(request).wait(), LIMIT)
        return Response()

    async def is_waiting(request: Request) -> Response:
        return JSONResponse(request.query_params["gate"] in waiting)

    async def open_gate(request: Request) -> Response:
        gate(request).set()
        return Response()

    async def fails(request: Request) -> Response:
        await change(request)
        raise HTTPException(418)

    async def breaks(request: Request) -> Response:
        await change(request)
        raise RuntimeError("broken on purpose")

    async def streams(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield "a"
            await change(request)
            yield "b"

        await request.body()
        request.session["before"] = True
        return StreamingResponse(body())

    async def background(request: Request) -> Response:
        await request.body()
        return Response("later", background=BackgroundTask(change, request))

    async def saves(request: Request) -> Response:
        await change(request)
        try:
            await visit_of(request).save()
        except TypeError as error:
            return Response(str(error).partition(",")[0], 422)
        return Response()

    async def remember(request: Request) -> Response:
        await change(request)
        visit_of(request).remember()
        return Response()

    async def rotate(request: Request) -> Response:
        visit_of(request).rotate()
        return Response()

    async def about(request: Request) -> Response:
        visit = visit_of(request)
        return JSONResponse({"user": visit.user, "live": visit.info is not None})

    async def devices(request: Request) -> Response:
        found = await visit_of(request).devices("/name")
        return JSONResponse([[d.handle, d.current, d.values] for d in found])

    async def end_device(request: Request) -> Response:
        return JSONResponse(await visit_of(request).end_device(request.query_params["handle"]))

    async def end_others(request: Request) -> Response:
        return JSONResponse(await visit_of(request).end_others())

    async def end_everywhere(request: Request) -> Response:
        return JSONResponse(await visit_of(request).end_everywhere())

    async def public(request: Request) -> Response:
        return Response("public")

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(dict(websocket.session))
        try:
            async for text in websocket.iter_text():
                websocket.session["heard"] = text
                await websocket.send_text(text)
        except WebSocketDisconnect:
            pass

    gets = [read, is_waiting, about, devices, public]
    posts = [
        write,
        slow,
        open_gate,
        fails,
        breaks,
        streams,
        background,
        saves,
        remember,
        rotate,
        end_device,
        end_others,
        end_everywhere,
    ]
    app = Starlette(
        lifespan=lifespan,
        routes=[
            *(Route(f"/{route.__name__}", route) for route in gets),
            *(Route(f"/{route.__name__}", route, methods=["POST"]) for route in posts),
            WebSocketRoute("/socket", socket),
        ],
    )
    app.add_middleware(SessionMiddleware, backend=backend, **options)
    return app
