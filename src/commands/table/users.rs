//! Table entries of LIST and REVOKE, which take a user instead of a key.
//!
//! They declare no keys, so that a cluster client can send them to every node.

use super::parts::{entry, INFO_FIELDS, PATH, PLAIN};
use crate::commands::list::List;
use crate::commands::revoke::Revoke;
use crate::server::command_spec::{ArgSpec, Change, Kind, Repeat, Spec};

const USER: ArgSpec = ArgSpec::required("user", Kind::String);
const LIMIT: ArgSpec = ArgSpec::after("LIMIT", "limit", Kind::Integer)
    .shown("count")
    .optional()
    .since("1.1.0");

/// SESSION.LIST.
pub const LIST: Spec = Spec {
    name: "session.list",
    entry: entry::<List>(),
    summary: "Returns the keys of a user's live sessions, the most recently accessed first.",
    complexity: "O(N*log(N)+M) where N is the number of the user's sessions and M is the length \
                 of their data (only with PATH); with LIMIT O(N+M)",
    history: &[Change {
        since: "1.1.0",
        what: "Added the `LIMIT` and `FIELDS` options.",
    }],
    arity: -2,
    flags: "readonly",
    args: &[USER, LIMIT, INFO_FIELDS, PATH],
    tips: "request_policy:all_shards nondeterministic_output nondeterministic_output_order",
    ..PLAIN
};

/// SESSION.REVOKE. The keys after EXCEPT and ONLY are plain strings to the server: declared keys would tie
/// the command to one slot.
pub const REVOKE: Spec = Spec {
    name: "session.revoke",
    entry: entry::<Revoke>(),
    summary: "Ends all sessions of a user, or some with EXCEPT or ONLY, and returns how many were \
              live.",
    complexity: "O(N) where N is the number of the user's sessions and the keys named",
    history: &[Change {
        since: "1.1.0",
        what: "Added the `LIMIT` option.",
    }],
    arity: -2,
    flags: "write",
    acl: "dangerous",
    args: &[
        USER,
        LIMIT,
        ArgSpec::required(
            "which",
            Kind::OneOf(&[
                ArgSpec::after("EXCEPT", "spared-key", Kind::String)
                    .shown("key")
                    .repeated(Repeat::Value),
                ArgSpec::after("ONLY", "ended-key", Kind::String)
                    .shown("key")
                    .repeated(Repeat::Value),
            ]),
        )
        .optional(),
    ],
    tips: "request_policy:all_shards response_policy:agg_sum",
    ..PLAIN
};
