//! The command table: one [`Spec`] for each command.
//!
//! Commands are registered with the server from this table, and COMMAND DOCS, COMMAND INFO and the generated
//! parts of `docs/commands.md` show it. So every fact about a command's syntax is written once, here.
//! After a change run `UPDATE_DOCS=1 cargo test --locked --test reference docs`.

mod import;
mod internal;
mod parts;
mod schema;
mod users;

use super::shared::expiry::EXPIRY;
use super::{
    del::Del, get::Get, info::Info, patch::Patch, pop::Pop, rotate::Rotate, set::Set, touch::Touch,
    verify::Verify,
};
use crate::server::command_spec::{ArgSpec, Change, Keys, Kind, Repeat, Spec};
use parts::{entry, ADDED_FIELDS, INFO_FIELDS, KEY, NOTOUCH, PATH, PLAIN, SCHEMA, USER, VOLATILE};
use redis_module::raw::{
    REDISMODULE_CMD_KEY_ACCESS as ACCESS, REDISMODULE_CMD_KEY_DELETE as DELETE,
    REDISMODULE_CMD_KEY_OW as OW, REDISMODULE_CMD_KEY_RM as RM, REDISMODULE_CMD_KEY_RO as RO,
    REDISMODULE_CMD_KEY_RW as RW, REDISMODULE_CMD_KEY_UPDATE as UPDATE,
};

/// All commands, the internal ones at the end.
pub const TABLE: &[Spec] = &[
    Spec {
        name: "session.set",
        entry: entry::<Set>(),
        summary: "Creates a session, or replaces the data of a live one.",
        complexity:
            "O(N+M) where N is the length of the data and its schema and M is the number of the \
                     user's sessions (only with MAXSESSIONS, if there are more than it allows; in a \
                     cluster those in the slot of the key)",
        history: &[Change {
            since: "1.1.0",
            what: "Added the `REFUSE` option.",
        }],
        arity: -3,
        flags: "write deny-oom",
        keys: Keys::First(RW | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("data", Kind::String),
            ArgSpec::required(
                "condition",
                Kind::OneOf(&[
                    ArgSpec::word("nx", "NX"),
                    ArgSpec::after("IFVERSION", "version", Kind::Integer),
                ]),
            )
            .optional(),
            EXPIRY[0],
            EXPIRY[1],
            SCHEMA,
            USER,
            ArgSpec::word("token", "TOKEN").optional(),
        ],
        tips: VOLATILE,
        ..PLAIN
    },
    Spec {
        name: "session.get",
        entry: entry::<Get>(),
        summary: "Returns the data of a live session, or parts of it; counts as an access unless NOTOUCH.",
        complexity: "O(1), with PATH O(N) where N is the length of the data",
        history: ADDED_FIELDS,
        arity: -2,
        flags: "readonly fast",
        keys: Keys::First(RO | ACCESS),
        args: &[KEY, NOTOUCH, INFO_FIELDS, PATH],
        tips: VOLATILE,
        ..PLAIN
    },
    Spec {
        name: "session.verify",
        entry: entry::<Verify>(),
        summary: "Returns the data of a live session if it passes its schema, the schemas named, and \
                  FRESH: the guard of a protected route.",
        complexity: "O(1) if neither data nor schemas have changed since the last check, else O(N) \
                     where N is the length of both; with PATH O(N)",
        history: &[Change {
            since: "1.1.0",
            what: "Added the `FIELDS` and `PATH` options.",
        }],
        arity: -2,
        flags: "readonly",
        keys: Keys::First(RO | ACCESS),
        args: &[
            KEY,
            SCHEMA.repeated(Repeat::WithToken),
            ArgSpec::after("FRESH", "seconds", Kind::Integer).optional(),
            NOTOUCH,
            INFO_FIELDS,
            PATH.since("1.1.0"),
        ],
        tips: VOLATILE,
        ..PLAIN
    },
    Spec {
        name: "session.touch",
        entry: entry::<Touch>(),
        summary: "Records an access to a live session, and can change its timeouts.",
        arity: -2,
        flags: "write fast",
        keys: Keys::First(RW | UPDATE),
        args: &[KEY, EXPIRY[0], EXPIRY[1]],
        ..PLAIN
    },
    Spec {
        name: "session.del",
        entry: entry::<Del>(),
        summary: "Ends sessions, and returns how many were live.",
        complexity: "O(N) where N is the number of keys",
        arity: -2,
        flags: "write",
        keys: Keys::All(RM | DELETE),
        args: &[KEY.repeated(Repeat::Value)],
        tips: "request_policy:multi_shard response_policy:agg_sum",
        ..PLAIN
    },
    Spec {
        name: "session.info",
        entry: entry::<Info>(),
        summary: "Returns the fields of a live session without its data; does not count as an access.",
        arity: 2,
        flags: "readonly fast",
        keys: Keys::First(RO | ACCESS),
        args: &[KEY],
        tips: VOLATILE,
        ..PLAIN
    },
    Spec {
        name: "session.patch",
        entry: entry::<Patch>(),
        summary: "Changes part of a live session's data with a JSON Merge Patch (an object) or a \
                  JSON Patch (an array).",
        complexity: "O(N) where N is the length of the data, the patch and the schema",
        history: &[Change {
            since: "1.1.0",
            what: "Added the `SCHEMA` option.",
        }],
        arity: -3,
        flags: "write deny-oom",
        keys: Keys::First(RW | ACCESS | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("patch", Kind::String),
            ArgSpec::after("IFVERSION", "version", Kind::Integer).optional(),
            EXPIRY[0],
            EXPIRY[1],
            SCHEMA.since("1.1.0"),
        ],
        ..PLAIN
    },
    Spec {
        name: "session.pop",
        entry: entry::<Pop>(),
        summary: "Returns parts of a live session's data, and removes them.",
        complexity: "O(N) where N is the length of the data and its schema",
        arity: -3,
        flags: "write",
        keys: Keys::First(RW | ACCESS | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("pointer", Kind::String).repeated(Repeat::Value),
        ],
        ..PLAIN
    },
    Spec {
        name: "session.rotate",
        entry: entry::<Rotate>(),
        summary: "Gives a live session a new ID, and can make the changes of a login in the same step.",
        complexity:
            "O(N+M) where N is the length of the data and its schema and M is the number of the \
                     user's sessions (only with MAXSESSIONS, if there are more than it allows; in a \
                     cluster those in the slot of the key)",
        history: &[Change {
            since: "1.1.0",
            what: "Added the `NX` and `REFUSE` options, and the code `OTHERUSER` for the session of \
                   another user.",
        }],
        arity: -3,
        flags: "write deny-oom",
        keys: Keys::Two(RW | ACCESS | DELETE, OW | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("newkey", Kind::Key),
            ArgSpec::word("nx", "NX").optional().since("1.1.0"),
            ArgSpec::word("token", "TOKEN").optional(),
            ArgSpec::after("GRACE", "grace-milliseconds", Kind::Integer)
                .shown("milliseconds")
                .optional(),
            ArgSpec::after("PATCH", "patch", Kind::String).optional(),
            EXPIRY[0],
            EXPIRY[1],
            SCHEMA,
            USER,
        ],
        tips: VOLATILE,
        ..PLAIN
    },
    users::LIST,
    users::REVOKE,
    import::IMPORT,
    Spec {
        name: "session.schema",
        summary: "A container for the commands of the schema registry.",
        complexity: "Depends on subcommand.",
        arity: -2,
        subcommands: schema::SUBCOMMANDS,
        ..PLAIN
    },
    internal::NEW,
    internal::PUT,
    internal::SPLICE,
    internal::TOUCH,
    internal::DEL,
    internal::CHANGES,
    internal::SCHEMA,
    internal::SCHEMADEL,
    internal::REGISTRY,
    internal::LOCAL,
];
