"""Closing a WebSocket from outside of the route that serves it."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Send


class SocketGate:
    """Stands between the server and the route. Once closed, the route finds the client gone."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._shut = asyncio.Event()
        self._code = 1000
        self._closing = asyncio.Lock()
        self._closed = False

    async def close(self, code: int) -> None:
        async with self._closing:
            if self._closed:
                return
            self._closed = True
            self._code = code
            self._shut.set()
            await self._send({"type": "websocket.close", "code": code})

    async def receive(self) -> Message:
        if self._shut.is_set():
            return {"type": "websocket.disconnect", "code": self._code}
        message = asyncio.ensure_future(self._receive())
        shut = asyncio.ensure_future(self._shut.wait())
        try:
            await asyncio.wait({message, shut}, return_when=asyncio.FIRST_COMPLETED)
            if message.done():
                return message.result()
        finally:
            for waiting in (message, shut):
                waiting.cancel()
        return {"type": "websocket.disconnect", "code": self._code}

    async def send(self, message: Message) -> None:
        async with self._closing:
            if self._shut.is_set():
                # What servers raise when the client is gone; Starlette makes WebSocketDisconnect
                # of it.
                raise OSError("the session has ended")
            self._closed = self._closed or message["type"] == "websocket.close"
            await self._send(message)
