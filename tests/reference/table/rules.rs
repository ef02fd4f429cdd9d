//! Rules for combinations of options that the syntax does not express, and the errors for breaking them.

use super::samples::{Choice, Values};
use super::{facts, Entry};
use redis_session::table::{ArgSpec, Kind};
use std::collections::BTreeSet;
use support::clock::now;

/// The error of MAXSESSIONS without USER.
pub const NEEDS_USER: &str =
    "ERR syntax error: MAXSESSIONS needs USER: it counts the sessions of one user";

/// The error of REFUSE without MAXSESSIONS.
pub const NEEDS_MAXSESSIONS: &str =
    "ERR syntax error: REFUSE needs MAXSESSIONS: it says what happens at that limit";

/// The kind of the first argument.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Form {
    /// A key that ends in `*`.
    Star,
    /// A key with a live session of version 1, whose user has just authenticated.
    Live,
    /// A key that does not exist.
    Gone,
    /// No key.
    Other,
}

impl Form {
    pub fn of(entry: Entry) -> &'static [Form] {
        match entry.full_name().as_str() {
            "session.set" => &[Form::Star, Form::Live, Form::Gone],
            _ if facts::key_args(entry.spec).is_empty() => &[Form::Other],
            _ => &[Form::Live, Form::Gone],
        }
    }
}

/// Valid values. `{n}` is replaced by another number in each call.
impl Values for Form {
    fn value(&self, arg: &ArgSpec, other: bool) -> String {
        let value = match (arg.name, arg.kind) {
            ("newkey", Kind::Key) => "rotated:*",
            (_, Kind::Key) if other => "other:{n}",
            (_, Kind::Key) => match self {
                Form::Star => "new:*",
                Form::Live => "live:{n}",
                Form::Gone | Form::Other => "gone:{n}",
            },
            ("data", _) => r#"{"n":2}"#,
            ("patch", _) => r#"{"m":3}"#,
            ("pointer", _) if other => "/nothing",
            ("pointer", _) => "/n",
            ("version", _) => "1",
            ("numfields", _) => "0", // `samples` counts the fields
            ("field", _) if other => "user",
            ("field", _) => "version",
            ("max-sessions", _) => "10",
            ("limit", _) => "10",
            ("spared-key" | "ended-key", _) if other => "other:{n}",
            ("spared-key" | "ended-key", _) => "live:{n}",
            ("seconds", _) => "100",
            ("idle-seconds", _) => "100000",
            ("created" | "authenticated", _) => "1000",
            // So recent that no idle timeout has run out since.
            ("accessed", _) => return (now() - 1000).to_string(),
            ("milliseconds" | "idle-milliseconds", _) => "100000",
            ("grace-milliseconds", _) => "1000",
            ("unix-time-seconds", _) => "4102444800",
            ("unix-time-milliseconds", _) => "4102444800000",
            // Another in each call, so that REFUSE finds no other session.
            ("user", _) => "ada{n}",
            // The text in SESSION.SCHEMA SET; a name in the option SCHEMA.
            ("schema", _) if arg.token.is_none() => "true",
            ("schema", _) => "any",
            ("name", _) if other => "other{n}",
            ("name", _) => "schema{n}",
            ("prefix", _) => "prefix{n}:",
            (name, _) => panic!("no value for '{name}': give it one here"),
        };
        value.into()
    }
}

/// A combination of options that is an error.
struct Rule {
    command: &'static str,
    form: &'static [Form],
    /// The rule applies if all of these are given,
    with: &'static [&'static str],
    /// and this one is not.
    without: &'static str,
    error: &'static str,
}

const ANY: &[Form] = &[Form::Star, Form::Live, Form::Gone, Form::Other];
const NOT_STAR: &[Form] = &[Form::Live, Form::Gone];

/// The first rule that applies decides.
const RULES: &[Rule] = &[
    Rule {
        command: "session.set",
        form: &[Form::Star],
        with: &["NX"],
        without: "",
        error: "ERR syntax error: a key that ends in '*' is always new; leave NX out",
    },
    Rule {
        command: "session.set",
        form: &[Form::Star],
        with: &["IFVERSION"],
        without: "",
        error: "ERR syntax error: a key that ends in '*' has no version yet; leave IFVERSION out",
    },
    Rule {
        command: "session.set",
        form: NOT_STAR,
        with: &["NX", "IFVERSION"],
        without: "",
        error: "ERR syntax error: NX creates and IFVERSION replaces; give one of them",
    },
    Rule {
        command: "session.set",
        form: NOT_STAR,
        with: &["TOKEN"],
        without: "",
        error: "ERR syntax error: TOKEN needs a key that ends in '*'",
    },
    Rule {
        command: "session.set",
        form: NOT_STAR,
        with: &["USER"],
        without: "NX",
        error:
            "ERR USER can be given only where a session is made: end the key with '*', or add NX",
    },
    Rule {
        command: "session.set",
        form: &[Form::Gone],
        with: &[],
        without: "NX",
        error: "NOSESSION there is no live session at this key; end the key with '*' for a new \
                session, or add NX to make one with your own ID",
    },
    Rule {
        command: "session.import",
        form: ANY,
        with: &["AUTHENTICATED"],
        without: "USER",
        error: "ERR syntax error: AUTHENTICATED needs USER: it is the time at which that user \
                authenticated",
    },
    Rule {
        command: "session.rotate",
        form: ANY,
        with: &["NX"],
        without: "",
        error: "ERR syntax error: a key that ends in '*' is always new; leave NX out",
    },
    Rule {
        command: "session.patch",
        form: &[Form::Gone],
        with: &[],
        without: "",
        error: "NOSESSION there is no live session at this key; nothing was patched",
    },
    Rule {
        command: "session.pop",
        form: &[Form::Gone],
        with: &[],
        without: "",
        error: "NOSESSION there is no live session at this key; nothing was removed",
    },
    Rule {
        command: "session.rotate",
        form: ANY,
        with: &["GRACE", "USER"],
        without: "",
        error:
            "ERR syntax error: GRACE does not go with USER: at a login the old ID must end at once",
    },
    Rule {
        command: "session.rotate",
        form: &[Form::Gone],
        with: &[],
        without: "",
        error: "NOSESSION there is no live session at this key; nothing was rotated",
    },
];

/// The error that a command with these options must reply with, or none.
pub fn error_by_rule(entry: Entry, form: Form, given: &[&Choice]) -> Option<&'static str> {
    let tokens: BTreeSet<_> = given.iter().flat_map(|choice| &choice.tokens).collect();
    let name = entry.full_name();
    let fits = |rule: &&Rule| {
        rule.command == name
            && rule.form.contains(&form)
            && rule.with.iter().all(|token| tokens.contains(token))
            && !tokens.contains(&rule.without)
    };
    RULES.iter().find(fits).map(|rule| rule.error)
}
