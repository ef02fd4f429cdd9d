//! The one table of all commands: what the server is told of each, and what COMMAND DOCS shows.

use super::effect::{Put, PutAccess, PutRegistry, PutSchema};
use super::expiry::EXPIRY;
use super::schema::{SchemaDel, SchemaGet, SchemaHelp, SchemaList, SchemaSet};
use super::{
    del::Del, get::Get, info::Info, list::List, patch::Patch, pop::Pop, revoke::Revoke,
    rotate::Rotate, set::Set, touch::Touch, verify::Verify,
};
use crate::server::command::{trampoline, ArgSpec, Command, Entry, Keys, Kind, Repeat, Spec};
use redis_module::raw::{
    REDISMODULE_CMD_KEY_ACCESS as ACCESS, REDISMODULE_CMD_KEY_DELETE as DELETE,
    REDISMODULE_CMD_KEY_RM as RM, REDISMODULE_CMD_KEY_RO as RO, REDISMODULE_CMD_KEY_RW as RW,
    REDISMODULE_CMD_KEY_UPDATE as UPDATE,
};

const fn entry<C: Command>() -> Option<Entry> {
    Some(trampoline::<C>)
}

const KEY: ArgSpec = ArgSpec::required("key", Kind::Key);
const NAME: ArgSpec = ArgSpec::required("name", Kind::String);
const NOTOUCH: ArgSpec = ArgSpec::word("notouch", "NOTOUCH").optional();
const WITHINFO: ArgSpec = ArgSpec::word("withinfo", "WITHINFO").optional();
const SCHEMA: ArgSpec = ArgSpec::after("SCHEMA", "schema", Kind::String).optional();
const USER: ArgSpec = ArgSpec::required(
    "owner",
    Kind::Block(&[
        ArgSpec::after("USER", "user", Kind::String),
        ArgSpec::after("MAXSESSIONS", "sessions", Kind::Integer).optional(),
    ]),
)
.optional();
const PATH: ArgSpec = ArgSpec::after("PATH", "pointer", Kind::String)
    .optional()
    .repeated(Repeat::Value);

/// What a line of the table has where it says nothing else.
const PLAIN: Spec = Spec {
    name: "",
    entry: None,
    summary: "",
    complexity: "O(1)",
    arity: 0,
    flags: "",
    acl: "",
    keys: Keys::None,
    args: &[],
    tips: "",
    subcommands: &[],
};

/// A command that replicas and the AOF get in place of what a client sent.
const INTERNAL: Spec = Spec {
    summary: "Internal: takes a replicated change over.",
    flags: "write",
    tips: "",
    ..PLAIN
};

/// Every command.
pub const TABLE: &[Spec] = &[
    Spec {
        name: "session.set",
        entry: entry::<Set>(),
        summary: "Creates a session, or replaces the data of a live one.",
        complexity: "O(N) where N is the length of the data and of the schema it is checked by",
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
        tips: "nondeterministic_output",
        ..PLAIN
    },
    Spec {
        name: "session.get",
        entry: entry::<Get>(),
        summary: "Returns the data of a live session. An access, unless NOTOUCH.",
        complexity: "O(1), with PATH O(N) where N is the length of the data",
        arity: -2,
        flags: "readonly fast",
        keys: Keys::First(RO | ACCESS),
        args: &[KEY, NOTOUCH, WITHINFO, PATH],
        ..PLAIN
    },
    Spec {
        name: "session.verify",
        entry: entry::<Verify>(),
        summary: "Returns the data of a session that is live and satisfies its schema as that \
                  stands now, every schema named, and FRESH.",
        complexity: "O(1) while neither data nor schema has changed since the last check, else \
                     O(N) where N is the length of both",
        arity: -2,
        flags: "readonly",
        keys: Keys::First(RO | ACCESS),
        args: &[
            KEY,
            ArgSpec::after("SCHEMA", "schema", Kind::String)
                .optional()
                .repeated(Repeat::WithToken),
            ArgSpec::after("FRESH", "seconds", Kind::Integer).optional(),
            NOTOUCH,
            WITHINFO,
        ],
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
        summary: "Returns what is known of a live session, without its data. Not an access.",
        arity: 2,
        flags: "readonly fast",
        keys: Keys::First(RO | ACCESS),
        args: &[KEY],
        ..PLAIN
    },
    Spec {
        name: "session.patch",
        entry: entry::<Patch>(),
        summary:
            "Changes part of a live session's data: an object is a merge patch (RFC 7396), an \
                  array a JSON Patch (RFC 6902).",
        complexity: "O(N) where N is the length of data, patch and schema",
        arity: -3,
        flags: "write deny-oom",
        keys: Keys::First(RW | ACCESS | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("patch", Kind::String),
            ArgSpec::after("IFVERSION", "version", Kind::Integer).optional(),
            EXPIRY[0],
            EXPIRY[1],
        ],
        ..PLAIN
    },
    Spec {
        name: "session.pop",
        entry: entry::<Pop>(),
        summary: "Returns parts of a live session's data, and removes them.",
        complexity: "O(N) where N is the length of the data and of the schema it is checked by",
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
        summary: "Gives a live session a new ID, together with what a login changes.",
        complexity: "O(N) where N is the length of the data and of the schema it is checked by",
        arity: -3,
        flags: "write deny-oom",
        keys: Keys::Two(RW | ACCESS | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("pattern", Kind::Key),
            ArgSpec::word("token", "TOKEN").optional(),
            ArgSpec::after("GRACE", "milliseconds", Kind::Integer).optional(),
            ArgSpec::after("PATCH", "patch", Kind::String).optional(),
            EXPIRY[0],
            EXPIRY[1],
            SCHEMA,
            USER,
        ],
        tips: "nondeterministic_output",
        ..PLAIN
    },
    Spec {
        name: "session.list",
        entry: entry::<List>(),
        summary: "Returns the keys of a user's live sessions, the most recently accessed first.",
        complexity: "O(N*log(N)) where N is the number of the user's sessions, and with PATH the \
                     length of their data",
        arity: -2,
        flags: "readonly",
        args: &[ArgSpec::required("user", Kind::String), WITHINFO, PATH],
        tips: "request_policy:all_shards nondeterministic_output_order",
        ..PLAIN
    },
    Spec {
        name: "session.revoke",
        entry: entry::<Revoke>(),
        summary: "Ends a user's sessions: all, all but some, or some. Returns how many were live.",
        complexity: "O(N) where N is the number of the user's sessions and of the keys named",
        arity: -2,
        flags: "write",
        acl: "dangerous",
        args: &[
            ArgSpec::required("user", Kind::String),
            ArgSpec::required(
                "which",
                Kind::OneOf(&[
                    ArgSpec::after("EXCEPT", "spared", Kind::String).repeated(Repeat::Value),
                    ArgSpec::after("ONLY", "ended", Kind::String).repeated(Repeat::Value),
                ]),
            )
            .optional(),
        ],
        tips: "request_policy:all_shards response_policy:agg_sum",
        ..PLAIN
    },
    Spec {
        name: "session.schema",
        summary: "A container for the commands of the schema registry.",
        complexity: "Depends on subcommand.",
        arity: -2,
        subcommands: SCHEMA_SUBCOMMANDS,
        ..PLAIN
    },
    Spec {
        name: "session._put",
        entry: entry::<Put>(),
        complexity: "O(N) where N is the length of the data",
        arity: -3,
        keys: Keys::First(RW | UPDATE),
        args: &[
            KEY,
            ArgSpec::required("session", Kind::String),
            ArgSpec::required("event", Kind::String).optional(),
        ],
        ..INTERNAL
    },
    Spec {
        name: "session._touch",
        entry: entry::<PutAccess>(),
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
    },
    Spec {
        name: "session._schema",
        entry: entry::<PutSchema>(),
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
    },
    Spec {
        name: "session._registry",
        entry: entry::<PutRegistry>(),
        complexity: "O(N) where N is the length of all schemas",
        arity: 2,
        args: &[ArgSpec::required("registry", Kind::String)],
        ..INTERNAL
    },
];

const ALL_SHARDS: &str = "request_policy:all_shards response_policy:all_succeeded";

const SCHEMA_SUBCOMMANDS: &[Spec] = &[
    Spec {
        name: "set",
        entry: entry::<SchemaSet>(),
        summary: "Registers a JSON Schema, or replaces one.",
        complexity: "O(N) where N is the length of the schema",
        arity: -4,
        flags: "write deny-oom",
        acl: "dangerous",
        args: &[
            NAME,
            ArgSpec::required("schema", Kind::String),
            ArgSpec::word("assertformat", "ASSERTFORMAT").optional(),
            ArgSpec::word("nx", "NX").optional(),
            ArgSpec::after("PREFIX", "prefix", Kind::String).optional(),
        ],
        tips: ALL_SHARDS,
        ..PLAIN
    },
    Spec {
        name: "get",
        entry: entry::<SchemaGet>(),
        summary: "Returns the text of a schema.",
        arity: 3,
        flags: "readonly fast",
        args: &[NAME],
        ..PLAIN
    },
    Spec {
        name: "del",
        entry: entry::<SchemaDel>(),
        summary: "Removes schemas. Sessions that name one fail their checks from then on.",
        complexity: "O(N) where N is the number of names",
        arity: -3,
        flags: "write",
        acl: "dangerous",
        args: &[NAME.repeated(Repeat::Value)],
        tips: ALL_SHARDS,
        ..PLAIN
    },
    Spec {
        name: "list",
        entry: entry::<SchemaList>(),
        summary: "Returns the name, digest, format setting and prefix of each schema.",
        complexity: "O(N) where N is the number of schemas",
        arity: 2,
        flags: "readonly",
        ..PLAIN
    },
    Spec {
        name: "help",
        entry: entry::<SchemaHelp>(),
        summary: "Returns helpful text about the subcommands.",
        arity: 2,
        flags: "readonly",
        ..PLAIN
    },
];
