"""Recorder: makes the span and the duration of a command, with nothing secret in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
from redis.exceptions import ResponseError

from ..errors import SessionError, translated

NAME = "redis_session_client"
"""The name of the instrumentation."""
_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
"""Seconds: the buckets that the semantic conventions advise."""


class Recorder:
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
    ) -> Iterator[Outcome]:
        name = words[0] if isinstance(words[0], str) else bytes(words[0]).decode()
        known = {"db.system.name": "redis", "db.operation.name": name}
        known |= self._server or self._node(words, options)
        outcome, begin = Outcome(), perf_counter()
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


class Outcome:
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
