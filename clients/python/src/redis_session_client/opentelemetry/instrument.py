"""`instrument`: wraps the client of a backend, and connects counters to the signals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import TracerProvider

from ..web import signals
from .clients import AsyncClient, AsyncPairs, SyncClient, SyncPairs, TracedClient
from .recorder import NAME, Recorder


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
            if isinstance(client, TracedClient):
                raise ValueError("this backend is instrumented already")
            pairs = not sender.cluster and (
                hasattr(client, "execute_all") or hasattr(client, "pipeline")
            )
            if iscoroutinefunction(sender.one):
                kind: type[TracedClient] = AsyncPairs if pairs else AsyncClient
            else:
                kind = SyncPairs if pairs else SyncClient
            setattr(sender, name, kind(client, Recorder(client, tracers, meters)))
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
