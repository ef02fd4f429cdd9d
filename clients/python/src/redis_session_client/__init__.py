"""Sessions of the redis-session module, for Python.

    import redis
    from redis_session_client import Sessions

    sessions = Sessions(redis.Redis())
    created = sessions.create("session:*", {"cart": [7]}, idle=1800)

`AsyncSessions` is the same for redis.asyncio. The modules `fastapi` and `starlette` of this package
are for web applications, `authx` is for programs that were written for AuthX.

The files form layers. A file imports only from layers below its own, and no files import each other
in a circle (tests/test_layers.py checks both):

    deploy                        the command line
    fastapi, starlette, authx     one web framework each; they do not use each other
    web                           cookies, backends and logins, for all frameworks
    _async, _sync                 the two clients; _sync is generated from _async
    _pipelined                    one connection for all commands of an event loop
    _calls, _cluster, _waiting    commands as data, rules for clusters, sleeping
    results, errors, ids, _options, _json
"""

from ._async.client import AsyncSessions
from ._json import Raw
from ._options import Expiry
from ._pipelined.client import Pipelined
from ._sync.client import Sessions
from .errors import (
    BadJSON,
    BadSchema,
    Conflict,
    Invalid,
    ModuleMissing,
    NoSchema,
    NoSession,
    OtherUser,
    SessionError,
    Stale,
    TooMany,
    Violation,
    WrongType,
)
from .ids import Ids, key_of_token, tag_of_user
from .results import (
    Created,
    DetailedSession,
    Field,
    Info,
    Listed,
    ListedFields,
    SchemaEntry,
    Session,
    SessionWithFields,
)

__all__ = [
    "AsyncSessions",
    "BadJSON",
    "BadSchema",
    "Conflict",
    "Created",
    "DetailedSession",
    "Expiry",
    "Field",
    "Ids",
    "Info",
    "Invalid",
    "Listed",
    "ListedFields",
    "ModuleMissing",
    "NoSchema",
    "NoSession",
    "OtherUser",
    "Pipelined",
    "Raw",
    "SchemaEntry",
    "Session",
    "SessionError",
    "SessionWithFields",
    "Sessions",
    "Stale",
    "TooMany",
    "Violation",
    "WrongType",
    "key_of_token",
    "tag_of_user",
]
