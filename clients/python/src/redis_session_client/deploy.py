"""python -m redis_session_client schemas push|check MODULE: the schemas of models."""

# FastAPI is imported inside functions, so that without it --help works and the error is one line.

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

if TYPE_CHECKING:
    from .fastapi.manager import SessionManager
    from .web.backend import RedisBackend


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns 0 if no schema is missing, 1 if one is, 2 for a wrong MODULE."""
    parser = argparse.ArgumentParser(prog="python -m redis_session_client", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    schemas = what.add_parser("schemas", help="register models' schemas, or look for them")
    schemas.add_argument(
        "action",
        choices=["push", "check"],
        help="push registers what is not there and replaces nothing; check only looks",
    )
    schemas.add_argument("module", help="module with a SessionManager, such as app.main")
    schemas.add_argument("--url", help="server to use, such as redis://deploy:…@host:6379/0")
    schemas.add_argument("--cluster", action="store_true", help="--url is a node of a cluster")
    given = parser.parse_args(arguments)
    if given.cluster and not given.url:
        parser.error("--cluster needs --url")
    sys.path.insert(0, os.getcwd())
    module = given.module.partition(":")[0]
    try:
        managers = _managers(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0], "fastapi"):
            raise
        print(f"there is no module {error.name} here", file=sys.stderr)
        return 2
    if not managers:
        print(f"{module} has no SessionManager", file=sys.stderr)
        return 2
    return asyncio.run(_run(managers, given.action, given.url, given.cluster))


def _managers(module: str) -> list[SessionManager]:
    """The SessionManagers among the module's global names, each once."""
    from .fastapi.manager import SessionManager

    found = vars(importlib.import_module(module)).values()
    return list({id(m): m for m in found if isinstance(m, SessionManager)}.values())


async def _run(managers: list[SessionManager], action: str, url: str | None, cluster: bool) -> int:
    failed = False
    for manager in managers:
        if url is not None:
            manager.backend = _backend_at(url, cluster)
        try:
            missing = await manager.missing_schemas()
            ours = {name: text for name, text in manager.schemas.items() if name in missing}
            if action == "push" and ours:
                await manager.backend.register_schemas(ours)
                missing = [name for name in missing if name not in ours]
            for name in manager.schemas:
                done = "registered" if name in ours else "there already"
                print(f"{name}: {'missing' if name in missing else done}")
            for name in missing:
                if name not in manager.schemas:
                    print(f"{name}: missing; it is no model's, so register it yourself")
            failed = failed or bool(missing)
        except (RedisError, OSError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            failed = True
        finally:
            await manager.backend.close()
    return 1 if failed else 0


def _backend_at(url: str, cluster: bool) -> RedisBackend:
    from redis.asyncio import RedisCluster

    from .web.backend import RedisBackend

    return RedisBackend(RedisCluster.from_url(url) if cluster else url)
