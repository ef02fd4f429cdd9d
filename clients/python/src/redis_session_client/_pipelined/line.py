"""Line: one connection of one event loop, on which commands do not wait for earlier replies.

redis-py makes the connection, so that TLS, login, Sentinel and protocol are its settings. Then this
class takes the transport over, and works without redis-py. It writes the commands of one turn of
the loop together, and gives each reply to the oldest call without one, since a server answers in
order. client.py has a Line for each event loop.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any

import hiredis
from redis.asyncio.connection import DefaultParser
from redis.exceptions import AuthenticationError, ConnectionError, ReadOnlyError, TimeoutError

from .call import TRIES, Call, alike, repeatable
from .opening import Opened, opened

_PAUSES = (0.02, 0.5)
"""Seconds between two attempts to connect: at first, and at most."""
_SECOND_LOOK = 0.02
"""Seconds between the end of a call's time and its failure, in which the loop reads the socket."""
_BATCH = 65536
"""Bytes after which a write ends, so that the transport can say that its buffer is full."""
_INCOMPLETE = object()
_PUSH: Any = getattr(hiredis, "PushNotification", ())


class Line(asyncio.Protocol):
    """The connection of one event loop. It is opened by the first call, and after each loss.

    A call fails with redis-py's TimeoutError after `timeout` seconds. If it was written by then,
    the connection is dropped, and all calls that wait for replies on it fail alike.
    """

    def __init__(
        self, pool: Any, timeout: float, patience: float, gone: Callable[[], object]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._pool = pool
        self._timeout = timeout
        self._patience = patience
        self._gone = gone
        self._unsent: deque[Call] = deque()
        self._refused: list[Call] = []
        self._sent: deque[Call] = deque()
        self._transport: asyncio.Transport | None = None
        self._writer: Any = None
        self._connector: asyncio.Task[None] | None = None
        self._closer: AsyncGenerator[None, None] | None = None
        self._trouble: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._flushing = self._full = self._retiring = self._looked = False
        self._address = "the server"

    # Calls

    def send(self, words: tuple[Any, ...]) -> asyncio.Future[Any]:
        """Writes a command soon; the future gets its reply, or the error that the server sent."""
        loop = self._loop
        future = loop.create_future()
        deadline = loop.time() + self._timeout
        packed = hiredis.pack_command(words)
        self._unsent.append(Call(future, words, packed, deadline))
        if not self._flushing:
            self._flushing = True
            loop.call_soon(self._flush)
        if self._timer is None:
            self._timer = loop.call_at(deadline, self._expire)
        return future

    def _flush(self) -> None:
        """Writes what is unsent, if it can be written now."""
        self._flushing = False
        if self._full or self._retiring or not self._unsent:
            return
        if self._transport is None:
            if self._connector is None:
                # In a context of its own: the connection must not keep the first request's alive.
                start = self._loop.create_task
                self._connector = contextvars.Context().run(start, self._connect())
            return
        if self._transport.is_closing():
            return  # connection_lost comes next, and connects again
        unsent, sent, write = self._unsent, self._sent, self._transport.write
        while unsent and not self._full:
            batch, size = [], 0
            while unsent and size < _BATCH:
                call = unsent.popleft()
                if not call.future.done():
                    sent.append(call)
                    batch.append(call.packed)
                    size += len(call.packed)
            write(b"".join(batch))

    def _expire(self) -> None:
        """Fails the calls whose time is over, and sets the timer for the next."""
        self._timer = None
        while self._unsent and self._unsent[0].future.done():
            self._unsent.popleft()
        oldest = [queue[0] for queue in (self._sent, self._unsent) if queue]
        if not oldest:
            return
        now = self._loop.time()
        soonest = min(call.deadline for call in oldest)
        if soonest > now:
            self._looked = False
        elif not self._looked:
            # A reply can have come while the application kept the loop busy. Let it be read first.
            self._looked = True
            soonest = now + _SECOND_LOOK
        else:
            self._looked = False
            if self._sent and self._sent[0].deadline <= now:
                self._drop(lambda: TimeoutError(f"{self._address} has not replied in time"))
            while self._unsent and self._unsent[0].deadline <= now:
                self._unsent.popleft().fail(self._no_connection())
            soonest = now + _SECOND_LOOK
        self._timer = self._loop.call_at(soonest, self._expire)

    def _no_connection(self) -> Exception:
        if self._trouble is not None:
            return alike(self._trouble)
        return TimeoutError(f"no connection to {self._address} was made in time")

    # The connection

    async def _connect(self) -> None:
        """Connects; tries again while calls wait, until the patience is at its end."""
        pause, longest = _PAUSES
        end = self._loop.time() + self._patience
        try:
            while any(not call.future.done() for call in self._unsent):
                try:
                    self._take(await asyncio.wait_for(opened(self._pool), self._timeout))
                    return
                except AuthenticationError:
                    raise
                except (ConnectionError, TimeoutError) as error:
                    if self._loop.time() > end:
                        raise
                    self._trouble = error
                except asyncio.TimeoutError:
                    self._trouble = None
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
        except Exception as error:
            self._fail_unsent(error)
        finally:
            self._connector = None

    def _take(self, opened: Opened) -> None:
        self._transport, self._writer = opened.transport, opened.writer
        self._address = opened.address
        self._trouble = None
        self._full = self._retiring = False
        self._reader = hiredis.Reader(
            protocolError=ConnectionError,
            replyError=DefaultParser.parse_error,
            notEnoughData=_INCOMPLETE,
        )
        opened.transport.set_protocol(self)
        self._flush()

    async def _until_the_loop_ends(self) -> AsyncGenerator[None, None]:
        # asyncio.run and its like close generators before they close the loop.
        try:
            yield
        finally:
            self.close()

    async def open(self) -> None:
        """Makes the line close itself when the event loop ends. To be called once."""
        self._closer = self._until_the_loop_ends()
        await self._closer.asend(None)

    def close(self) -> None:
        """Closes the connection, and fails the calls that wait."""
        self._gone()
        if self._connector is not None:
            self._connector.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fail_unsent(ConnectionError("the client was closed"))
        self._drop(lambda: ConnectionError("the client was closed"))

    def _fail_unsent(self, error: Exception) -> None:
        unsent, self._unsent = self._unsent, deque()
        for call in unsent:
            call.fail(alike(error))

    def _drop(self, error: Callable[[], Exception] | None) -> None:
        """Leaves the connection. Calls without a reply fail with the error, or are sent again."""
        transport, self._transport = self._transport, None
        sent, self._sent = self._sent, deque()
        self._full = self._retiring = False
        if transport is not None:
            # It reports its end later, when this line can have another transport.
            transport.set_protocol(asyncio.Protocol())
            transport.abort()
            self._writer = None
        again, self._refused = self._refused, []
        for call in sent:
            if call.future.done():
                continue
            call.tries += 1
            if error is not None:
                call.fail(error())
            elif call.tries < TRIES and repeatable(call.words):
                again.append(call)
            else:
                lost = "was lost before the reply; a change may have been made"
                call.fail(ConnectionError(f"the connection to {self._address} {lost}"))
        self._unsent.extendleft(reversed(again))
        if self._unsent:
            self._flush()

    # What the transport calls

    def data_received(self, data: bytes) -> None:
        reader, sent = self._reader, self._sent
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not _INCOMPLETE:
                if isinstance(reply, _PUSH):
                    continue
                if not sent:
                    raise ConnectionError("a reply that nobody waits for")
                call = sent.popleft()
                if isinstance(reply, Exception):
                    self._fail(call, reply)
                elif not call.future.done():
                    call.future.set_result(reply)
        except ConnectionError:
            self._drop(None)
        else:
            if self._retiring and not sent:
                self._drop(None)

    def _fail(self, call: Call, error: Exception) -> None:
        """Gives a call the error that the server sent, or tries it on another connection."""
        if isinstance(error, (ReadOnlyError, AuthenticationError)):
            # The server is a primary no longer, or has forgotten the login. A new connection finds
            # the new primary, and sends the present password. Wait for the other replies first.
            self._retiring = True
            call.tries += 1
            if call.tries < TRIES:
                self._refused.append(call)
                return
        call.fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        self._drop(None)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._flush()
