//! Arguments, tips and defaults that several entries of the command table share.

use crate::server::command::{trampoline, Command};
use crate::server::command_spec::{ArgSpec, CommandFunction, Keys, Kind, Repeat, Spec};

/// The function that the server calls for a command.
pub const fn entry<C: Command>() -> Option<CommandFunction> {
    Some(trampoline::<C>)
}

pub const KEY: ArgSpec = ArgSpec::required("key", Kind::Key);
pub const NAME: ArgSpec = ArgSpec::required("name", Kind::String);
pub const NOTOUCH: ArgSpec = ArgSpec::word("notouch", "NOTOUCH").optional();
pub const WITHINFO: ArgSpec = ArgSpec::word("withinfo", "WITHINFO").optional();
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
                ArgSpec::word("refuse", "REFUSE").optional(),
            ]),
        )
        .optional(),
    ]),
)
.optional();
pub const PATH: ArgSpec = ArgSpec::after("PATH", "pointer", Kind::String)
    .optional()
    .repeated(Repeat::Value);

/// The defaults of an entry; each entry overrides some of them.
pub const PLAIN: Spec = Spec {
    name: "",
    entry: None,
    summary: "",
    complexity: "O(1)",
    since: "1.0.0",
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
