"""A TCP proxy between a client and a server, which can break what it passes on."""

from __future__ import annotations

import asyncio
import random
from types import TracebackType


class Proxy:
    """Passes bytes on, in the running event loop. `port` is where clients connect."""

    def __init__(self, target: int, *, pieces: random.Random | None = None) -> None:
        self.target = target
        """The port of the server; a change holds for the next connections."""
        self.swallow = False
        """Whether what clients send gets lost."""
        self.poison: bytes | None = None
        """What clients send with this in it gets lost, and so does the connection."""
        self.received = 0
        """How many bytes came from clients."""
        self.connections = 0
        """How many connections clients have made."""
        self._pieces = pieces
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Breaks all connections."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(out)
        for task in (self._pass(reader, out, True), self._pass(there, writer, False)):
            self._tasks.add(asyncio.create_task(task))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inwards: bool
    ) -> None:
        try:
            while data := await reader.read(65536):
                self.received += len(data) if inwards else 0
                if inwards and self.poison and self.poison in data:
                    return
                if inwards and self.swallow:
                    continue
                await self._write(writer, data)
        except OSError:
            pass
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Writes the data at once, or in pieces of random lengths with pauses between them."""
        chance = self._pieces
        while data:
            size = len(data) if chance is None else chance.randint(1, 40)
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if chance is not None:
                await asyncio.sleep(chance.choice([0, 0, 0.001]))
