//! Errors of redis-rs, and error replies of the server, as errors of this crate.

use super::kinds::Error;
use super::parsing::invalid;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Replies of a server that can serve the same command later, or of one that is no longer the primary.
const UNAVAILABLE: [&str; 10] = [
    "ASK",
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MOVED",
    "NOREPLICAS",
    "READONLY",
    "TRYAGAIN",
    "UNBLOCKED",
];

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Error {
        let connection = |reason: &str| Error::Unavailable {
            reason: reason.into(),
            message: plain(&error.to_string()),
        };
        match error.kind() {
            ErrorKind::Io if error.is_timeout() => connection("TIMEOUT"),
            ErrorKind::Io
            | ErrorKind::ClusterConnectionNotFound
            | ErrorKind::MasterNameNotFoundBySentinel
            | ErrorKind::NoValidReplicasFoundBySentinel => connection("CONNECTION"),
            ErrorKind::Extension
            | ErrorKind::Server(ServerErrorKind::ExecAbort)
            | ErrorKind::Server(_) => {
                let code = error.code().unwrap_or("ERR");
                reply(code, error.detail().unwrap_or_default())
            }
            _ => Error::Redis(error),
        }
    }
}

/// The error for an error reply.
fn reply(code: &str, detail: &str) -> Error {
    let message = detail.to_owned();
    match code {
        "NOSESSION" => Error::NoSession { message },
        "INVALID" => invalid(message),
        "NOSCHEMA" => Error::NoSchema {
            schema: between(&message, "no schema '", "'; register").to_owned(),
            message,
        },
        "BADSCHEMA" => Error::BadSchema { message },
        "BADJSON" => Error::BadJson { message },
        "CONFLICT" => Error::Conflict {
            version: number_after(&message, "the version is "),
            operation: number_after(&message, "operation "),
            message,
        },
        "OTHERUSER" => Error::OtherUser { message },
        "STALE" => Error::Stale { message },
        "TOOMANY" => Error::TooMany { message },
        "WRONGTYPE" => Error::WrongType { message },
        // The server's own text shows the first arguments.
        "ERR" if is_unknown_command(detail) => Error::ModuleMissing {
            message: "the server has not loaded the module redis-session: add a line 'loadmodule' with the path of \
                      libredis_session.so to its configuration, and restart it",
        },
        code if UNAVAILABLE.contains(&code) => Error::Unavailable {
            reason: code.into(),
            message: format!("{code} {}", plain(detail)),
        },
        code => Error::Server {
            code: code.into(),
            message: plain(detail),
        },
    }
}

fn is_unknown_command(detail: &str) -> bool {
    let name = detail
        .strip_prefix("unknown command ")
        .unwrap_or_default()
        .trim_start_matches(['\'', '`']);
    name.get(.."SESSION.".len())
        .is_some_and(|name| name.eq_ignore_ascii_case("SESSION."))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let begin = text.split_once(before).map_or("", |(_, rest)| rest);
    begin.rsplit_once(after).map_or("", |(name, _)| name)
}

fn number_after<N: std::str::FromStr>(text: &str, before: &str) -> Option<N> {
    let rest = text.strip_prefix(before)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// One line of printable ASCII, not too long.
fn plain(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c } else { '?' })
        .collect();
    match line.get(..297) {
        Some(start) if line.len() > 300 => format!("{start}..."),
        _ => line,
    }
}
