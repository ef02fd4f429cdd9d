"""Spans, durations and counters: what they have in them, and what they never have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from redis.exceptions import ConnectionError
from support import shop
from support.servers import Process, free_port
from support.web import client, served

from redis_session_client import AsyncSessions, NoSession, Sessions
from redis_session_client.fastapi import MemoryBackend, RedisBackend, SessionManager, signals
from redis_session_client.opentelemetry import Instrumentation, instrument
from redis_session_client.web.sync_backend import SyncRedisBackend


@dataclass
class Telemetry:
    """Providers of a test's own, with what they have received."""

    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader
    options: dict[str, Any]
    made: list[Instrumentation]

    def instrument(self, target: Any) -> Instrumentation:
        self.made.append(instrument(target, **self.options))
        return self.made[-1]

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def names(self) -> list[str]:
        return [span.name for span in self.spans()]

    def numbers(self) -> dict[str, list[tuple[dict[str, Any], Any]]]:
        """All data points: attributes, and the sum or the count."""
        data = self.reader.get_metrics_data()
        if data is None:
            return {}
        return {
            metric.name: [
                (dict(point.attributes or {}), getattr(point, "value", getattr(point, "count", 0)))
                for point in metric.data.data_points
            ]
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    options = {"tracer_provider": tracers, "meter_provider": meters}
    telemetry = Telemetry(exporter, reader, options, [])
    yield telemetry
    for made in telemetry.made:
        made.undo()
    meters.shutdown()
    tracers.shutdown()


def test_an_application_has_spans_and_counters(
    server: Process, prefix: str, telemetry: Telemetry
) -> None:
    manager = SessionManager(server.url, prefix=prefix, insecure=True)
    telemetry.instrument(manager)
    with served(shop.make(manager)) as url, client(url) as browser:
        browser.post("/add", params={"item": 77})
        telemetry.exporter.clear()
        browser.get("/read")
        browser.post("/login", params={"user": "ada"})
        browser.get("/admin")
        session = browser.cookies["session"]
        browser.post("/logout")
        browser.get("/read", headers={"Cookie": f"session={session}"})
    names = telemetry.names()
    assert names == [
        "SESSION.VERIFY",
        "SESSION.VERIFY",
        "SESSION.ROTATE",
        "SESSION.VERIFY",
        "SESSION.VERIFY",
        "SESSION.DEL",
        "SESSION.VERIFY",
    ]
    for span in telemetry.spans():
        attributes = dict(span.attributes or {})
        assert span.kind is SpanKind.CLIENT
        assert attributes.pop("db.operation.batch.size", 2) == 2
        refused = attributes.pop("error.type", None)
        assert attributes.pop("db.response.status_code", None) == refused
        assert refused in (None, "INVALID")
        assert (span.status.status_code is StatusCode.ERROR) == (refused is not None)
        assert attributes == {
            "db.system.name": "redis",
            "db.operation.name": span.name,
            "server.address": "127.0.0.1",
            "server.port": server.port,
        }
        assert not span.events
        assert span.status.description is None
    numbers = telemetry.numbers()
    assert numbers["redis_session.logins"] == [({}, 1)]
    assert numbers["redis_session.logouts"] == [({"redis_session.how": "logout"}, 1)]
    refusals = {p["redis_session.reason"]: count for p, count in numbers["redis_session.refused"]}
    assert refusals == {"schema": 1, "no_session": 1}
    counts = {
        (point["db.operation.name"], point.get("error.type")): count
        for point, count in numbers["db.client.operation.duration"]
    }
    assert counts["SESSION.ROTATE", None] == 1
    assert counts["SESSION.VERIFY", "INVALID"] == 1


async def test_of_an_error_only_the_code_is_told(
    server: Process, prefix: str, telemetry: Telemetry
) -> None:
    client = server.async_client()
    sessions = AsyncSessions(client)
    telemetry.instrument(sessions)
    with pytest.raises(NoSession):
        await sessions.patch(prefix + "secret", {"a": 1})
    await client.aclose()
    (span,) = telemetry.spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is None
    assert (span.attributes or {})["db.response.status_code"] == "NOSESSION"
    assert "secret" not in span.to_json()


def test_a_server_that_is_away_is_an_error(telemetry: Telemetry) -> None:
    import redis

    with redis.Redis(port=free_port()) as client:
        sessions = Sessions(client)
        telemetry.instrument(sessions)
        with pytest.raises(ConnectionError):
            sessions.info("session:x")
    (span,) = telemetry.spans()
    assert (span.attributes or {})["error.type"] == "ConnectionError"


def test_the_blocking_backend_too(server: Process, prefix: str, telemetry: Telemetry) -> None:
    backend = SyncRedisBackend(server.client(), prefix=prefix)
    telemetry.instrument(backend)
    ticket = backend.rotate(backend.create({}), user="ada")
    assert backend.end(ticket)
    assert telemetry.names() == ["SESSION.SET", "SESSION.ROTATE", "SESSION.DEL"]


async def test_in_a_cluster_the_span_names_the_node(
    cluster: list[Process], prefix: str, telemetry: Telemetry
) -> None:
    client = cluster[0].async_cluster_client()
    backend = RedisBackend(client, prefix=prefix)
    telemetry.instrument(backend)
    ticket = await backend.create({}, user="ada")
    ticket = await backend.rotate(ticket, user="ada")
    assert len(await backend.devices("ada")) == 1
    await backend.end(ticket)
    await client.aclose()
    ports = {(span.attributes or {}).get("server.port") for span in telemetry.spans()}
    assert ports == {node.port for node in cluster}
    names = telemetry.names()
    assert names.count("SESSION.LIST") == 3
    assert {"SESSION.SET", "SESSION.ROTATE", "SESSION.DEL"} < set(names)
    assert all(name.startswith("SESSION.") for name in names)


async def test_only_the_instrumented_backend_is_counted(telemetry: Telemetry) -> None:
    own, other = MemoryBackend(), MemoryBackend()
    telemetry.instrument(own)
    for backend in (own, other, other):
        await signals.tell_login(backend, None, "ada")
        await signals.tell_lost(backend, None, "ada")
    numbers = telemetry.numbers()
    assert numbers["redis_session.logins"] == numbers["redis_session.lost_writes"] == [({}, 1)]


def test_devices_change_nothing_for_the_counters(
    server: Process, prefix: str, telemetry: Telemetry
) -> None:
    backend = RedisBackend(server.url, prefix=prefix)
    telemetry.instrument(backend)
    manager = SessionManager(backend, insecure=True, track_devices=True)
    with served(shop.make(manager)) as url, client(url) as browser:
        browser.post("/login", params={"user": "ada"})
    assert telemetry.numbers()["redis_session.logins"] == [({}, 1)]


async def test_undone_it_leaves_no_trace(
    server: Process, prefix: str, telemetry: Telemetry
) -> None:
    client = server.async_client()
    backend = RedisBackend(client, prefix=prefix)
    before = backend.commands._send.client
    made = telemetry.instrument(backend)
    with pytest.raises(ValueError, match="instrumented already"):
        telemetry.instrument(backend)
    made.undo()
    made.undo()
    assert backend.commands._send.client is before
    assert not signals.logged_in
    await backend.create({})
    assert telemetry.names() == []
    await backend.close()
    await client.aclose()


def test_what_has_no_sessions_is_refused() -> None:
    with pytest.raises(TypeError, match=r"instrument takes a SessionManager, a backend, .* a str"):
        instrument("redis://localhost")
