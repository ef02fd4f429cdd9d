//! Table entries of the internal commands, which carry effects: replicas and the AOF get them instead
//! of the command that a client sent.

use super::parts::{entry, KEY, NAME, PLAIN};
use crate::commands::internal::{
    changes::InternalChanges, del::InternalDel, local::InternalLocal, new::InternalNew,
    put::InternalPut, registry::InternalRegistry, schema::InternalSchema,
    schema_del::InternalSchemaDel, splice::InternalSplice, touch::InternalTouch,
};
use crate::server::command_spec::{ArgSpec, Keys, Kind, Repeat, Spec};
use redis_module::raw::{
    REDISMODULE_CMD_KEY_ACCESS as ACCESS, REDISMODULE_CMD_KEY_DELETE as DELETE,
    REDISMODULE_CMD_KEY_RM as RM, REDISMODULE_CMD_KEY_RO as RO, REDISMODULE_CMD_KEY_RW as RW,
    REDISMODULE_CMD_KEY_UPDATE as UPDATE,
};

/// The defaults of an internal command: it writes, and no client may call it.
const INTERNAL: Spec = Spec {
    flags: "write internal",
    ..PLAIN
};

/// SESSION._PUT: the whole session or alias after a change, the event to fire, and the expiry of the
/// key if that is sooner than the end of the session.
pub const PUT: Spec = Spec {
    name: "session._put",
    entry: entry::<InternalPut>(),
    summary: "An internal command that replicates a session.",
    complexity: "O(N) where N is the length of the data",
    arity: -3,
    keys: Keys::First(RW | UPDATE),
    args: &[
        KEY,
        ArgSpec::required("session", Kind::String),
        ArgSpec::required(
            "publication",
            Kind::Block(&[
                ArgSpec::required("event", Kind::String),
                ArgSpec::required("expire", Kind::UnixTime).optional(),
            ]),
        )
        .optional(),
    ],
    ..INTERNAL
};

/// SESSION._NEW: a session that is new under its key, its data apart from the rest, and the event to fire.
pub const NEW: Spec = Spec {
    name: "session._new",
    entry: entry::<InternalNew>(),
    summary: "An internal command that replicates a new session.",
    complexity: "O(N) where N is the length of the data",
    since: "1.2.0",
    arity: 5,
    keys: Keys::First(RW | UPDATE),
    args: &[
        KEY,
        ArgSpec::required("fields", Kind::String),
        ArgSpec::required("data", Kind::String),
        ArgSpec::required("event", Kind::String),
    ],
    ..INTERNAL
};

/// SESSION._SPLICE: what a PATCH or POP changed, the event to fire, and the expiry of the key as in
/// SESSION._PUT.
pub const SPLICE: Spec = Spec {
    name: "session._splice",
    entry: entry::<InternalSplice>(),
    summary: "An internal command that replicates a change of a session's data.",
    complexity: "O(N) where N is the length of the data",
    since: "1.2.0",
    arity: -4,
    keys: Keys::First(RW | UPDATE),
    args: &[
        KEY,
        ArgSpec::required("splice", Kind::String),
        ArgSpec::required("event", Kind::String),
        ArgSpec::required("expire", Kind::UnixTime).optional(),
    ],
    ..INTERNAL
};

/// SESSION._TOUCH: a recorded access and, from SESSION.TOUCH, both timeouts.
pub const TOUCH: Spec = Spec {
    name: "session._touch",
    entry: entry::<InternalTouch>(),
    summary: "An internal command that replicates an access.",
    arity: -3,
    keys: Keys::First(RW | UPDATE),
    args: &[
        KEY,
        ArgSpec::required("accessed", Kind::UnixTime),
        ArgSpec::required(
            "timeouts",
            Kind::Block(&[
                ArgSpec::required("deadline", Kind::UnixTime),
                ArgSpec::required("idle", Kind::Integer),
            ]),
        )
        .optional(),
        ArgSpec::required("expire", Kind::UnixTime).optional(),
    ],
    ..INTERNAL
};

/// SESSION._DEL: keys that were deleted.
pub const DEL: Spec = Spec {
    name: "session._del",
    entry: entry::<InternalDel>(),
    summary: "An internal command that replicates the end of sessions.",
    complexity: "O(N) where N is the number of keys",
    since: "1.1.0",
    arity: -2,
    keys: Keys::All(RM | DELETE),
    args: &[KEY.repeated(Repeat::Value)],
    ..INTERNAL
};

/// SESSION._CHANGES: several effects of one command, one on each key.
pub const CHANGES: Spec = Spec {
    name: "session._changes",
    entry: entry::<InternalChanges>(),
    summary: "An internal command that replicates several changes of one command.",
    complexity: "O(N) where N is the length of the changes",
    since: "1.1.0",
    arity: -3,
    keys: Keys::AllButLast(RW | UPDATE),
    args: &[
        KEY.repeated(Repeat::Value),
        ArgSpec::required("changes", Kind::String),
    ],
    ..INTERNAL
};

/// SESSION._LOCAL: whether the server runs a command on these keys on this node.
pub const LOCAL: Spec = Spec {
    name: "session._local",
    entry: entry::<InternalLocal>(),
    summary: "An internal command by which the module learns where keys are.",
    since: "1.1.0",
    arity: -2,
    flags: "readonly fast internal",
    keys: Keys::All(RO | ACCESS),
    args: &[KEY.repeated(Repeat::Value)],
    ..INTERNAL
};

/// SESSION._SCHEMA: a schema's new definition. Version 1.0 also replicated a removal by it, without a
/// definition.
pub const SCHEMA: Spec = Spec {
    name: "session._schema",
    entry: entry::<InternalSchema>(),
    summary: "An internal command that replicates a schema.",
    complexity: "O(N) where N is the length of the schema",
    arity: -2,
    args: &[
        NAME,
        ArgSpec::required(
            "definition",
            Kind::Block(&[
                ArgSpec::required("schema", Kind::String),
                ArgSpec::required("assertformat", Kind::Integer),
                ArgSpec::required("prefix", Kind::String),
            ]),
        )
        .optional(),
    ],
    ..INTERNAL
};

/// SESSION._SCHEMADEL: schemas that were removed.
pub const SCHEMADEL: Spec = Spec {
    name: "session._schemadel",
    entry: entry::<InternalSchemaDel>(),
    summary: "An internal command that replicates the removal of schemas.",
    complexity: "O(N) where N is the number of schemas",
    since: "1.1.0",
    arity: -2,
    args: &[NAME.repeated(Repeat::Value)],
    ..INTERNAL
};

/// SESSION._REGISTRY: all schemas, for an AOF rewritten without the RDB preamble.
pub const REGISTRY: Spec = Spec {
    name: "session._registry",
    entry: entry::<InternalRegistry>(),
    summary: "An internal command that carries all schemas in a rewritten AOF.",
    complexity: "O(N) where N is the length of all schemas",
    arity: 2,
    args: &[ArgSpec::required("registry", Kind::String)],
    ..INTERNAL
};
