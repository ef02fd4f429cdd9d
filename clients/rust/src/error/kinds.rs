//! The kinds of errors, by the code that the server sends.

use super::violation::Violation;
use redis::RedisError;

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
    #[error("{message}")]
    ModuleMissing {
        /// What to do.
        message: &'static str,
    },
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
            Error::ModuleMissing { .. }
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
