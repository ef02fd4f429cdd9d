"""What an application does with the server at start-up: it registers the schemas of its models."""

from __future__ import annotations

import logging

from redis.exceptions import NoPermissionError

from ..errors import Conflict
from ..web.away import AWAY
from .store import SessionStore

log = logging.getLogger("redis_session_client")


async def register_missing(store: SessionStore, require_server: bool) -> None:
    """Registers what is missing, if the application may; see SessionManager.start for the errors.

    Several workers can do this at the same time: the server takes the first registration, and the
    others find that it is the same.
    """
    try:
        await _register_missing(store)
    except AWAY as error:
        if require_server:
            raise
        log.error(
            "start-up goes on without the sessions' server; requests that need it get 503 "
            "until it answers: %s: %s",
            type(error).__name__,
            error,
        )


async def _register_missing(store: SessionStore) -> None:
    try:
        missing = await store.missing_schemas()
    except NoPermissionError:
        log.warning("may not look for schemas; requests that need a missing one will get 500")
        return
    ours = {name: text for name, text in store.schemas.items() if name in missing}
    if ours and store.registers:
        try:
            await store.backend.register_schemas(ours)
            missing = [name for name in missing if name not in ours]
        except NoPermissionError:
            log.warning("may not register schemas")
        except Conflict:
            log.error("the server has other schemas under the names of models")
    if missing:
        raise RuntimeError(
            f"the server lacks the schemas {', '.join(missing)}: those of models are "
            "registered by python -m redis_session_client schemas push MODULE"
        )
