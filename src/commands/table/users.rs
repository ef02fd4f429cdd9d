//! The commands that go by the user and not by a key.

use super::parts::{entry, PATH, PLAIN, WITHINFO};
use crate::commands::list::List;
use crate::commands::revoke::Revoke;
use crate::server::command_spec::{ArgSpec, Kind, Repeat, Spec};

const USER: ArgSpec = ArgSpec::required("user", Kind::String);

/// The sessions that a user has.
pub const LIST: Spec = Spec {
    name: "session.list",
    entry: entry::<List>(),
    summary: "Returns the keys of a user's live sessions, the most recently accessed first.",
    complexity: "O(N*log(N)+M) where N is the number of the user's sessions and M, with PATH, \
                 the length of their data",
    arity: -2,
    flags: "readonly",
    args: &[USER, WITHINFO, PATH],
    tips: "request_policy:all_shards nondeterministic_output nondeterministic_output_order",
    ..PLAIN
};

/// The end of a user's sessions. The keys are not declared, so that the command reaches every node.
pub const REVOKE: Spec = Spec {
    name: "session.revoke",
    entry: entry::<Revoke>(),
    summary: "Ends all sessions of a user, all but some, or just some, and returns how many were \
              live.",
    complexity: "O(N) where N is the number of the user's sessions and of the keys named",
    arity: -2,
    flags: "write",
    acl: "dangerous",
    args: &[
        USER,
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
