//! The table entry of IMPORT.

use super::parts::{entry, KEY, PLAIN, SCHEMA};
use crate::commands::import::Import;
use crate::commands::shared::expiry::EXPIRY;
use crate::server::command_spec::{ArgSpec, Keys, Kind, Spec};
use redis_module::raw::{REDISMODULE_CMD_KEY_RW as RW, REDISMODULE_CMD_KEY_UPDATE as UPDATE};

/// A Unix time in ms that an option states.
const fn time(token: &'static str, name: &'static str) -> ArgSpec {
    ArgSpec::after(token, name, Kind::UnixTime).shown("unix-time-milliseconds")
}

/// SESSION.IMPORT. Dangerous because it states when a user authenticated.
pub const IMPORT: Spec = Spec {
    name: "session.import",
    entry: entry::<Import>(),
    summary: "Creates a session that lived elsewhere, with the times that it had there.",
    complexity: "O(N) where N is the length of the data and its schema",
    since: "1.1.0",
    arity: -5,
    flags: "write deny-oom",
    acl: "dangerous",
    keys: Keys::First(RW | UPDATE),
    args: &[
        KEY,
        ArgSpec::required("data", Kind::String),
        time("CREATED", "created"),
        time("AUTHENTICATED", "authenticated").optional(),
        time("ACCESSED", "accessed").optional(),
        EXPIRY[0],
        EXPIRY[1],
        SCHEMA,
        ArgSpec::after("USER", "user", Kind::String)
            .shown("name")
            .optional(),
    ],
    ..PLAIN
};
