//! Errors: one variant for each code of the module, and what else can happen to a call.
//!
//! An error holds no session data, no token and no argument of a command. The server keeps to that in the errors
//! of the module; those of serde and the text of an unknown command, which do not, are replaced here.

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why a command failed. Holds no session data, no token and no argument of the command.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SET, PATCH, POP or ROTATE found no live session. Nothing was changed, and nothing was created.
    #[error("{message}")]
    NoSession {
        /// What the server says.
        message: String,
    },
    /// The data does not satisfy a schema.
    #[error("{message}")]
    Invalid {
        /// The schema's name.
        schema: String,
        /// The first violations, five at most.
        violations: Vec<Violation>,
        /// How many more violations there are; `None` if the server stopped counting.
        more: Option<u64>,
        /// What the server says: the above in one line.
        message: String,
    },
    /// No schema has this name. Register it with [`Schemas::set`](crate::commands::Schemas::set), or let a
    /// [`Registration`](crate::commands::Registration) do so.
    #[error("{message}")]
    NoSchema {
        /// The name of the schema that is missing.
        schema: String,
        /// What the server says.
        message: String,
    },
    /// The text is no JSON Schema, or uses a feature that the server does not allow.
    #[error("{message}")]
    BadSchema {
        /// What the server says.
        message: String,
    },
    /// The data or a patch is not strict JSON. The message gives the line and the column.
    #[error("{message}")]
    BadJson {
        /// What the server says.
        message: String,
    },
    /// The version differs, a JSON Patch does not apply, or another schema has the name or the prefix.
    #[error("{message}")]
    Conflict {
        /// The session's present version, if that is not the one of `if_version`.
        version: Option<u64>,
        /// The index, from 0, of the operation of a JSON Patch that does not apply.
        operation: Option<usize>,
        /// What the server says.
        message: String,
    },
    /// A rotation names a user, but the session belongs to another. End it, and create a new one.
    #[error("{message}")]
    OtherUser {
        /// What the server says.
        message: String,
    },
    /// The user authenticated longer ago than `fresh` allows, or never: ask for the password again.
    #[error("{message}")]
    Stale {
        /// What the server says.
        message: String,
    },
    /// The user has `max_sessions` live sessions already, and the command asked to refuse one more.
    #[error("{message}")]
    TooMany {
        /// What the server says.
        message: String,
    },
    /// The key holds something that is no session.
    #[error("{message}")]
    WrongType {
        /// What the server says.
        message: String,
    },
    /// The server did not answer, or answered that it cannot serve now. Whether a write was done is not known.
    #[error("the server cannot serve now: {message}")]
    Unavailable {
        /// `TIMEOUT`, `CONNECTION`, or the code of the reply: `LOADING`, `READONLY`, `CLUSTERDOWN` and others.
        reason: String,
        /// What the connection or the server says.
        message: String,
    },
    /// The server has not loaded the module.
    #[error(
        "the server has not loaded the module redis-session: add a line 'loadmodule' with the path of \
         libredis_session.so to its configuration, and restart it"
    )]
    ModuleMissing,
    /// Any other error of the server, such as `ERR`, `NOPERM` or `OOM`.
    #[error("{code} {message}")]
    Server {
        /// The first word of the error.
        code: String,
        /// The rest of it.
        message: String,
    },
    /// A value cannot be written as JSON, or stored data is not of the type that was asked for. The message says
    /// where, but shows no value.
    #[error("{message}")]
    Json {
        /// What failed, and where.
        message: String,
    },
    /// An argument that the method does not take, such as a pattern in the place of a key. Nothing was sent.
    #[error("{message}")]
    Usage {
        /// What is wrong, and what to do.
        message: &'static str,
    },
    /// The reply is not one of the module's.
    #[error("the reply of the server to {command} has another form than that of the module")]
    UnexpectedReply {
        /// The command.
        command: &'static str,
    },
    /// An error of redis-rs that is none of the others, such as a wrong setting.
    #[error("{0}")]
    Redis(RedisError),
}

/// A place in the data, and the rule of the schema that it breaks. Both are ASCII, and show no value of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// A JSON Pointer; empty for the whole data.
    pub pointer: String,
    /// The schema's keyword, with what it requires if that is short, as in `maxLength 10`.
    pub rule: String,
}

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

impl Error {
    /// The code of the error reply, such as `NOSESSION`, `ERR` or `LOADING`; for errors of the connection
    /// `TIMEOUT` or `CONNECTION`; and empty if no server is to blame.
    pub fn code(&self) -> &str {
        match self {
            Error::NoSession { .. } => "NOSESSION",
            Error::Invalid { .. } => "INVALID",
            Error::NoSchema { .. } => "NOSCHEMA",
            Error::BadSchema { .. } => "BADSCHEMA",
            Error::BadJson { .. } => "BADJSON",
            Error::Conflict { .. } => "CONFLICT",
            Error::OtherUser { .. } => "OTHERUSER",
            Error::Stale { .. } => "STALE",
            Error::TooMany { .. } => "TOOMANY",
            Error::WrongType { .. } => "WRONGTYPE",
            Error::Unavailable { reason, .. } => reason,
            Error::Server { code, .. } => code,
            Error::ModuleMissing
            | Error::Json { .. }
            | Error::Usage { .. }
            | Error::UnexpectedReply { .. }
            | Error::Redis(_) => "",
        }
    }

    pub(crate) fn read_json(error: &serde_json::Error) -> Error {
        let (line, column) = (error.line(), error.column());
        Error::Json {
            message: format!(
                "the stored JSON does not fit the type that it is read as, at line {line} column {column}"
            ),
        }
    }

    /// The text of serde's error is left out: a type's own `Serialize` can put data into it.
    pub(crate) fn write_json() -> Error {
        Error::Json {
            message: "the value cannot be written as JSON: a key of a map is no string, or its \
                      Serialize has failed"
                .into(),
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
        "ERR" if is_unknown_command(detail) => Error::ModuleMissing,
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

/// `schema 'user': /name: maxLength 10; (root): required "a"; and 2 more`
fn invalid(message: String) -> Error {
    // The name of a schema can have any characters; a place begins with a slash or is the root.
    let (schema, told) = match message.strip_prefix("schema '") {
        Some(rest) => rest.split_once("': ").unwrap_or((rest, "")),
        None => ("", message.as_str()),
    };
    let (told, more) = match told.rsplit_once("and ") {
        Some((told, "more")) => (told.trim_end_matches("; "), None),
        Some((before, last)) => match last.strip_suffix(" more").and_then(|n| n.parse().ok()) {
            Some(count) => (before.trim_end_matches("; "), Some(count)),
            None => (told, Some(0)),
        },
        None => (told, Some(0)),
    };
    Error::Invalid {
        schema: schema.to_owned(),
        violations: violations(told),
        more,
        message: message.clone(),
    }
}

/// Each violation begins with a pointer. A `; ` that no pointer follows is part of a rule.
fn violations(text: &str) -> Vec<Violation> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split("; ") {
        match parts.last_mut() {
            Some(last) if !part.starts_with('/') && !part.starts_with("(root): ") => {
                last.push_str("; ");
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (pointer, rule) = part.split_once(": ").unwrap_or((part, ""));
            Violation {
                pointer: if pointer == "(root)" { "" } else { pointer }.to_owned(),
                rule: rule.to_owned(),
            }
        })
        .collect()
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
