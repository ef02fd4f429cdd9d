//! Table entries of the subcommands of SESSION.SCHEMA.

use super::parts::{entry, ALL_SHARDS, NAME, PLAIN};
use crate::commands::schema::{
    check::SchemaCheck, del::SchemaDel, get::SchemaGet, help::SchemaHelp, list::SchemaList,
    set::SchemaSet,
};
use crate::server::command_spec::{ArgSpec, Kind, Repeat, Spec};

/// All subcommands of SESSION.SCHEMA.
pub const SUBCOMMANDS: &[Spec] = &[
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
        name: "check",
        entry: entry::<SchemaCheck>(),
        summary: "Checks data against a schema, as SESSION.SET would, without a session.",
        complexity: "O(N) where N is the length of the data and its schema",
        since: "1.1.0",
        arity: 4,
        flags: "readonly",
        args: &[NAME, ArgSpec::required("data", Kind::String)],
        ..PLAIN
    },
    Spec {
        name: "del",
        entry: entry::<SchemaDel>(),
        summary: "Removes schemas; sessions that name one fail their checks from then on.",
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
        // The flags of core's own HELP subcommands.
        flags: "allow-loading allow-stale",
        ..PLAIN
    },
];
