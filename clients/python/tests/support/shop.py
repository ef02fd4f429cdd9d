"""The FastAPI application of the web tests: a cart, a login, an admin route, devices."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from redis_session_client.fastapi import LiveSession, SessionManager, Visit

Route = Callable[..., Any]


class Cart(BaseModel):
    name: str | None = None
    role: Literal["user", "admin"] = "user"
    items: list[int] = Field(default=[], max_length=100)


class Admin(BaseModel):
    role: Literal["admin"]


def make(sessions: SessionManager) -> FastAPI:
    app = FastAPI()
    sessions.install(app)

    def has_items(session: LiveSession[Cart]) -> bool:
        return bool(session.data.items)

    async def is_ada(session: LiveSession[Cart]) -> bool:
        await asyncio.sleep(0)
        return session.user == "ada"

    current = sessions.required(Cart)
    someone = sessions.visit(Cart)
    Current = Annotated[LiveSession[Cart], Depends(current)]  # noqa: N806
    Someone = Annotated[Visit[Cart], Depends(someone)]  # noqa: N806

    async def read(session: Current) -> dict[str, Any]:
        return {"user": session.user, "data": session.data}

    async def maybe(
        session: Annotated[LiveSession[Cart] | None, Depends(sessions.optional(Cart))],
    ) -> dict[str, Any]:
        return {"user": session and session.user}

    async def add(item: int, visit: Someone) -> dict[str, Any]:
        change = [{"op": "add", "path": "/items/-", "value": item}]
        return {"saved": await visit.save(change)}

    async def add_two(one: int, two: int, visit: Someone) -> dict[str, Any]:
        for item in (one, two):
            await visit.save([{"op": "add", "path": "/items/-", "value": item}])
        return {"saved": await visit.save({"name": "nobody yet"})}

    async def add_nowhere(visit: Someone) -> dict[str, Any]:
        return {"saved": await visit.save([{"op": "remove", "path": "/nowhere"}])}

    released, waiting = asyncio.Event(), []

    async def slow(item: int, session: Current) -> dict[str, Any]:
        """Reads its session, then waits for /release before it writes."""
        waiting.append(item)
        await released.wait()
        return {"saved": await session.patch([{"op": "add", "path": "/items/-", "value": item}])}

    async def how_many_wait() -> int:
        return len(waiting)

    async def release() -> None:
        released.set()

    held: dict[str, tuple[asyncio.Event, list[int]]] = {}

    def held_for(who: str) -> tuple[asyncio.Event, list[int]]:
        return held.setdefault(who, (asyncio.Event(), []))

    async def slow_one(who: str, item: int, session: Current) -> dict[str, Any]:
        """Like /slow, for each visitor apart."""
        go_on, come = held_for(who)
        come.append(item)
        await go_on.wait()
        return {"saved": await session.patch([{"op": "add", "path": "/items/-", "value": item}])}

    async def held_now(who: str) -> int:
        return len(held_for(who)[1])

    async def let_go(who: str) -> None:
        held_for(who)[0].set()

    async def login(
        user: str, visit: Someone, role: str = "user", remember: bool = False
    ) -> dict[str, Any]:
        return {"ticket": await visit.login(user, {"name": user, "role": role}, remember=remember)}

    async def login_and_go(user: str, visit: Someone) -> RedirectResponse:
        await visit.login(user, {"name": user})
        return RedirectResponse("/read", 303)

    async def logout(visit: Someone) -> dict[str, Any]:
        return {"ended": await visit.logout()}

    async def change_user(user: str, visit: Someone) -> dict[str, Any]:
        await visit.logout()
        return {"ticket": await visit.login(user, {"name": user})}

    async def pop(session: Current) -> dict[str, Any]:
        return {"popped": await session.pop("/items/0", "/nothing")}

    async def replace(session: Current) -> dict[str, Any]:
        data = session.data.model_copy(update={"items": [99]})
        return {"saved": await session.replace(data, if_version=session.info.version)}

    async def rotate(session: Current, grace: int | None = None) -> dict[str, Any]:
        if grace is None:
            return {"rotated": await session.rotate()}
        return {"rotated": await session.rotate(grace=grace)}

    async def admin(
        session: Annotated[LiveSession[Cart], Depends(sessions.required(Cart, Admin))],
    ) -> dict[str, Any]:
        return {"user": session.user}

    async def with_items(
        session: Annotated[LiveSession[Cart], Depends(sessions.required(Cart, has_items))],
    ) -> dict[str, Any]:
        return {"items": session.data.items}

    async def only_ada(
        session: Annotated[LiveSession[Cart], Depends(sessions.required(Cart, is_ada))],
    ) -> dict[str, Any]:
        return {"user": session.user}

    async def too_late(visit: Someone, tasks: BackgroundTasks) -> dict[str, Any]:
        tasks.add_task(visit.login, "ada", {"name": "ada"})
        return {}

    async def fresh(
        session: Annotated[LiveSession[Any], Depends(sessions.required(fresh=0))],
    ) -> dict[str, Any]:
        return {"user": session.user}

    async def devices(session: Current) -> dict[str, Any]:
        return {"devices": await session.devices("/name")}

    async def end_device(handle: str, session: Current) -> dict[str, Any]:
        return {"ended": await session.end_device(handle)}

    async def end_others(session: Current) -> dict[str, Any]:
        return {"ended": await session.end_others()}

    async def end_everywhere(session: Current) -> dict[str, Any]:
        return {"ended": await session.end_everywhere()}

    async def public() -> dict[str, Any]:
        return {}

    async def socket(
        websocket: WebSocket,
        session: Annotated[
            LiveSession[Cart],
            Depends(sessions.socket(Cart, origins=["http://friend.test"], every=0.1)),
        ],
    ) -> None:
        await websocket.accept()
        await websocket.send_json({"user": session.user})
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    gets: dict[str, Route] = {
        "/read": read,
        "/maybe": maybe,
        "/admin": admin,
        "/with-items": with_items,
        "/only-ada": only_ada,
        "/fresh": fresh,
        "/devices": devices,
        "/public": public,
        "/waiting": how_many_wait,
        "/slow-one/waiting": held_now,
    }
    posts: dict[str, Route] = {
        "/add": add,
        "/add-two": add_two,
        "/add-nowhere": add_nowhere,
        "/slow": slow,
        "/release": release,
        "/slow-one": slow_one,
        "/slow-one/release": let_go,
        "/too-late": too_late,
        "/login": login,
        "/login-and-go": login_and_go,
        "/logout": logout,
        "/change-user": change_user,
        "/pop": pop,
        "/replace": replace,
        "/rotate": rotate,
        "/devices/end": end_device,
        "/devices/end-others": end_others,
        "/devices/end-everywhere": end_everywhere,
    }
    for path, route in gets.items():
        app.get(path)(route)
    for path, route in posts.items():
        app.post(path)(route)
    app.websocket("/ws")(socket)
    return app
