//! What replicas and the AOF get in place of what a client sent.

use super::parts::{entry, KEY, NAME, PLAIN};
use crate::commands::internal::{
    put::Put, registry::PutRegistry, schema::PutSchema, touch::PutAccess,
};
use crate::server::command_spec::{ArgSpec, Keys, Kind, Spec};
use redis_module::raw::{REDISMODULE_CMD_KEY_RW as RW, REDISMODULE_CMD_KEY_UPDATE as UPDATE};

/// What all of them have in common.
const INTERNAL: Spec = Spec {
    flags: "write",
    ..PLAIN
};

/// A session or an alias, as it now is.
pub const PUT: Spec = Spec {
    name: "session._put",
    entry: entry::<Put>(),
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

/// A recorded access, and timeouts that were changed.
pub const TOUCH: Spec = Spec {
    name: "session._touch",
    entry: entry::<PutAccess>(),
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

/// A schema, or the end of one.
pub const SCHEMA: Spec = Spec {
    name: "session._schema",
    entry: entry::<PutSchema>(),
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

/// All schemas, for the rewritten AOF.
pub const REGISTRY: Spec = Spec {
    name: "session._registry",
    entry: entry::<PutRegistry>(),
    summary: "An internal command that brings all schemas into an AOF.",
    complexity: "O(N) where N is the length of all schemas",
    arity: 2,
    args: &[ArgSpec::required("registry", Kind::String)],
    ..INTERNAL
};
