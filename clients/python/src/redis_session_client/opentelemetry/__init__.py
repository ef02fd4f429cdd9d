"""OpenTelemetry: spans and a duration for each command, counters of what happens to sessions.

    instrument(sessions)  # a SessionManager, a backend, or the client of the commands

It wraps the client of one backend and connects to the signals. Nothing of it is in the path of a
backend that is not instrumented. Attributes follow the semantic conventions for databases; no key,
ticket, user or data is among them. Needs the extra `opentelemetry`.
"""

from .instrument import Instrumentation, instrument

__all__ = ["Instrumentation", "instrument"]
