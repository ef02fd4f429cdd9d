"""Clients around those of redis-py, Pipelined or glide, which record the module's commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .recorder import Recorder


class TracedClient:
    """What the traced clients share: all but the commands is the client's own."""

    def __init__(self, client: Any, recorder: Recorder) -> None:
        self.client = client
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


class AsyncClient(TracedClient):
    async def execute_command(self, *words: Any, **options: Any) -> Any:
        if not _is_ours(words):
            return await self.client.execute_command(*words, **options)
        with self._recorder.command(words, options):
            return await self.client.execute_command(*words, **options)


class AsyncPairs(AsyncClient):
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


class SyncClient(TracedClient):
    def execute_command(self, *words: Any, **options: Any) -> Any:
        if not _is_ours(words):
            return self.client.execute_command(*words, **options)
        with self._recorder.command(words, options):
            return self.client.execute_command(*words, **options)


class SyncPairs(SyncClient):
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
