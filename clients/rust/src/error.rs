//! Errors: one variant for each code of the module, and what else can happen to a call.

use redis::RedisError;

/// Why a command failed. Holds no session data, no token and no argument of the command.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of redis-rs that is none of the others.
    #[error("{0}")]
    Redis(RedisError),
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Error {
        Error::Redis(error)
    }
}
