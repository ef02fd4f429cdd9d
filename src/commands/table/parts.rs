//! Arguments, tips and defaults that several entries of the command table share.

use crate::server::command::{trampoline, Command};
use crate::server::command_spec::{ArgSpec, Change, CommandFunction, Keys, Kind, Repeat, Spec};

/// The function that the server calls for a command.
pub const fn entry<C: Command>() -> Option<CommandFunction> {
    Some(trampoline::<C>)
}

pub const KEY: ArgSpec = ArgSpec::required("key", Kind::Key);
pub const NAME: ArgSpec = ArgSpec::required("name", Kind::String);
pub const NOTOUCH: ArgSpec = ArgSpec::word("notouch", "NOTOUCH").optional();
/// `WITHINFO | FIELDS numfields field [field ...]`.
pub const INFO_FIELDS: ArgSpec = ArgSpec::required(
    "info",
    Kind::OneOf(&[
        ArgSpec::word("withinfo", "WITHINFO"),
        ArgSpec::after(
            "FIELDS",
            "fields",
            Kind::Block(&[
                ArgSpec::required("numfields", Kind::Integer),
                ArgSpec::required("field", Kind::String).repeated(Repeat::Counted),
            ]),
        )
        .since("1.1.0"),
    ]),
)
.optional();
pub const SCHEMA: ArgSpec = ArgSpec::after("SCHEMA", "schema", Kind::String)
    .shown("name")
    .optional();
/// `USER name [MAXSESSIONS count [REFUSE]]`. The names of nested arguments must be unique in a command,
/// so the outer block is called `owner`.
pub const USER: ArgSpec = ArgSpec::required(
    "owner",
    Kind::Block(&[
        ArgSpec::after("USER", "user", Kind::String).shown("name"),
        ArgSpec::required(
            "limit",
            Kind::Block(&[
                ArgSpec::after("MAXSESSIONS", "max-sessions", Kind::Integer).shown("count"),
                ArgSpec::word("refuse", "REFUSE").optional().since("1.1.0"),
            ]),
        )
        .optional(),
    ]),
)
.optional();
pub const PATH: ArgSpec = ArgSpec::after("PATH", "pointer", Kind::String)
    .optional()
    .repeated(Repeat::Value);

/// What FIELDS changed in a command that has no other change.
pub const ADDED_FIELDS: &[Change] = &[Change {
    since: "1.1.0",
    what: "Added the `FIELDS` option.",
}];

/// The defaults of an entry; each entry overrides some of them.
pub const PLAIN: Spec = Spec {
    name: "",
    entry: None,
    summary: "",
    complexity: "O(1)",
    since: "1.0.0",
    history: &[],
    arity: 0,
    flags: "",
    acl: "",
    keys: Keys::None,
    args: &[],
    tips: "",
    subcommands: &[],
};

/// Tip: the reply contains random IDs, or times that advance.
pub const VOLATILE: &str = "nondeterministic_output";

/// Tips: every primary of a cluster needs this change, and all must succeed.
pub const ALL_SHARDS: &str = "request_policy:all_shards response_policy:all_succeeded";
