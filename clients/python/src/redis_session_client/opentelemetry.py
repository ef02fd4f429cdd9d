"""OpenTelemetry: spans and a duration for each command, counters of what happens to sessions.

    instrument(sessions)  # a SessionManager, a backend, or the client of the commands

It wraps the client of one backend and connects to the signals. Nothing of it is in the path of a
backend that is not instrumented. Attributes follow the semantic conventions for databases; no key,
ticket, user or data is among them. Needs the extra `opentelemetry`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import iscoroutinefunction
from time import perf_counter
from typing import Any

from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
from redis.exceptions import ResponseError

from .errors import SessionError, translated
from .web import signals

__all__ = ["Instrumentation", "instrument"]

NAME = "redis_session_client"
_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
"""Seconds: the buckets that the semantic conventions advise."""


class _Recorder:
    """Makes a span and a duration of a command."""

    def __init__(
        self, client: Any, tracers: TracerProvider | None, meters: MeterProvider | None
    ) -> None:
        self._client = client
        self._tracer = get_tracer(NAME, tracer_provider=tracers)
        self._durations = get_meter(NAME, meter_provider=meters).create_histogram(
            "db.client.operation.duration",
            "s",
            "Duration of the commands of sessions.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        pool = getattr(client, "connection_pool", None)
        options = getattr(pool, "connection_kwargs", {})
        self._server = _server(options.get("path") or options.get("host"), options.get("port"))
        if options.get("db"):
            self._server["db.namespace"] = str(options["db"])

    @contextmanager
    def command(
        self, words: Sequence[Any], options: dict[str, Any], batch: int = 1
    ) -> Iterator[_Outcome]:
        name = words[0] if isinstance(words[0], str) else bytes(words[0]).decode()
        known = {"db.system.name": "redis", "db.operation.name": name}
        known |= self._server or self._node(words, options)
        outcome, begin = _Outcome(), perf_counter()
        more = {"db.operation.batch.size": batch} if batch > 1 else {}
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.CLIENT,
            attributes={**known, **more},
            # The text of an error is not recorded: errors of the core can show words of a command.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield outcome
            except BaseException as error:
                outcome.error = error
                raise
            finally:
                if outcome.error is not None:
                    failed = _failure(outcome.error)
                    span.set_attributes(failed)
                    span.set_status(Status(StatusCode.ERROR))
                    known["error.type"] = failed["error.type"]
                self._durations.record(perf_counter() - begin, known)

    def _node(self, words: Sequence[Any], options: dict[str, Any]) -> dict[str, Any]:
        """The node of a cluster that gets the command, as far as the client tells it."""
        node = options.get("target_nodes")
        find = getattr(self._client, "get_node_from_key", None)
        try:
            if node is None and find is not None and len(words) > 1:
                key = words[1]
                node = find(key.decode("utf-8", "surrogateescape") if bytes is type(key) else key)
        except Exception:
            # The command itself reports that no node has the slot.
            return {}
        return _server(getattr(node, "host", None), getattr(node, "port", None))


class _Outcome:
    error: BaseException | None = None


def _server(address: str | None, port: Any) -> dict[str, Any]:
    if address is None:
        return {}
    return {"server.address": address} | ({"server.port": int(port)} if port else {})


def _failure(error: BaseException) -> dict[str, str]:
    """The kind of an error. A reply begins with its code, such as NOSESSION."""
    known = translated(error) if isinstance(error, ResponseError) else error
    if isinstance(known, SessionError):
        return {"error.type": known.code, "db.response.status_code": known.code}
    return {"error.type": type(known).__qualname__}


class _Client:
    """What the traced clients share: all but the commands is the client's own."""

    def __init__(self, client: Any, recorder: _Recorder) -> None:
        self.client = client
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


class _AsyncClient(_Client):
    async def execute_command(self, *words: Any, **options: Any) -> Any:
        if not _is_ours(words):
            return await self.client.execute_command(*words, **options)
        with self._recorder.command(words, options):
            return await self.client.execute_command(*words, **options)


class _AsyncPairs(_AsyncClient):
    """For one server: a command and its companion are one round trip, and one span."""

    async def execute_all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        with self._recorder.command(commands[-1], {}, len(commands)) as outcome:
            if hasattr(self.client, "execute_all"):
                replies: list[Any] = await self.client.execute_all(commands)
            else:
                pipeline = self.client.pipeline(transaction=False)
                for words in commands:
                    pipeline.execute_command(*words)
                replies = await pipeline.execute(raise_on_error=False)
            outcome.error = _error_of(replies)
        return replies


class _SyncClient(_Client):
    def execute_command(self, *words: Any, **options: Any) -> Any:
        if not _is_ours(words):
            return self.client.execute_command(*words, **options)
        with self._recorder.command(words, options):
            return self.client.execute_command(*words, **options)


class _SyncPairs(_SyncClient):
    """For one server: a command and its companion are one round trip, and one span."""

    def execute_all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        with self._recorder.command(commands[-1], {}, len(commands)) as outcome:
            pipeline = self.client.pipeline(transaction=False)
            for words in commands:
                pipeline.execute_command(*words)
            replies: list[Any] = pipeline.execute(raise_on_error=False)
            outcome.error = _error_of(replies)
        return replies


def _is_ours(words: Sequence[Any]) -> bool:
    return str(words[0]).startswith("SESSION.")


def _error_of(replies: Sequence[Any]) -> BaseException | None:
    return replies[-1] if isinstance(replies[-1], BaseException) else None


class Instrumentation:
    """What `instrument` has added; `undo` takes it away."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def undo(self) -> None:
        """Removes the spans, durations and counters. A second call does nothing."""
        while self._steps:
            self._steps.pop()()

    def _trace(
        self, sender: Any, tracers: TracerProvider | None, meters: MeterProvider | None
    ) -> None:
        for name in ("client", "replica"):
            client = getattr(sender, name)
            if client is None:
                continue
            if isinstance(client, _Client):
                raise ValueError("this backend is instrumented already")
            pairs = not sender.cluster and (
                hasattr(client, "execute_all") or hasattr(client, "pipeline")
            )
            if iscoroutinefunction(sender.one):
                kind: type[_Client] = _AsyncPairs if pairs else _AsyncClient
            else:
                kind = _SyncPairs if pairs else _SyncClient
            setattr(sender, name, kind(client, _Recorder(client, tracers, meters)))
            self._steps.append(partial(setattr, sender, name, client))

    def _count(self, targets: list[Any], meters: MeterProvider | None) -> None:
        meter = get_meter(NAME, meter_provider=meters)
        logins = meter.create_counter("redis_session.logins", "{login}", "Logins.")
        logouts = meter.create_counter("redis_session.logouts", "{session}", "Ended sessions.")
        refused = meter.create_counter("redis_session.refused", "{request}", "Refused requests.")
        lost = meter.create_counter("redis_session.lost_writes", "{write}", "Dropped writes.")

        def ours(event: signals.Event) -> bool:
            # A TrackingBackend has the instrumented backend inside.
            inside = getattr(event.backend, "backend", None)
            return any(target in (event.backend, inside) for target in targets)

        def count_login(event: signals.LoggedIn) -> None:
            if ours(event):
                logins.add(1)

        def count_logout(event: signals.LoggedOut) -> None:
            if ours(event):
                logouts.add(event.sessions, {"redis_session.how": event.how})

        def count_refused(event: signals.Refused) -> None:
            if ours(event):
                refused.add(1, {"redis_session.reason": event.reason})

        def count_lost(event: signals.Lost) -> None:
            if ours(event):
                lost.add(1)

        pairs: list[tuple[signals.Signal[Any], Callable[[Any], None]]] = [
            (signals.logged_in, count_login),
            (signals.logged_out, count_logout),
            (signals.refused, count_refused),
            (signals.lost, count_lost),
        ]
        for signal, listener in pairs:
            signal.connect(listener)
            self._steps.append(partial(signal.disconnect, listener))


def instrument(
    target: Any,
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> Instrumentation:
    """Adds spans, durations and counters to a SessionManager, a backend, or a commands' client.

    `target` is a SessionManager, RedisBackend or SyncRedisBackend, StorageBackend (which has no
    commands, only counters), AsyncSessions or Sessions. Providers default to the global ones.
    TypeError for anything else, ValueError for a target that is instrumented already.
    """
    targets = [target]
    while hasattr(targets[-1], "backend"):
        targets.append(targets[-1].backend)
    inner = targets[-1]
    sender = getattr(getattr(inner, "commands", inner), "_send", None)
    if sender is None and not hasattr(inner, "verify"):
        raise TypeError(
            "instrument takes a SessionManager, a backend, AsyncSessions or Sessions, "
            f"not a {type(target).__name__}"
        )
    made = Instrumentation()
    if sender is not None:
        made._trace(sender, tracer_provider, meter_provider)
    made._count(targets, meter_provider)
    return made
