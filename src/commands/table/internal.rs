//! Table entries of the internal commands, which carry effects: replicas and the AOF get them instead
//! of the command that a client sent.

use super::parts::{entry, KEY, NAME, PLAIN};
use crate::commands::internal::{
    put::InternalPut, registry::InternalRegistry, schema::InternalSchema, touch::InternalTouch,
};
use crate::server::command_spec::{ArgSpec, Keys, Kind, Spec};
use redis_module::raw::{REDISMODULE_CMD_KEY_RW as RW, REDISMODULE_CMD_KEY_UPDATE as UPDATE};

/// The defaults of an internal command: it writes.
const INTERNAL: Spec = Spec {
    flags: "write",
    ..PLAIN
};

/// SESSION._PUT: the whole session or alias after a change, and the event to fire.
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
        ArgSpec::required("event", Kind::String).optional(),
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
    ],
    ..INTERNAL
};

/// SESSION._SCHEMA: a schema's new definition, or its removal if there is no definition.
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
