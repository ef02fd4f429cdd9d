//! The key of a new or rotated session, and its token.

use super::parts::{array, text};
use crate::Error;
use redis::Value;
use std::fmt;

/// The key of a session that was created or rotated, and its token if one was asked for.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// The key. If no token was asked for, the key is the secret.
    pub key: String,
    /// The bearer token, 43 characters of base64url. Only the caller ever has it: the server keeps its hash.
    pub token: Option<String>,
}

impl fmt::Debug for Created {
    /// Logs show neither the token nor, without one, the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Created");
        if self.token.is_some() {
            shown.field("key", &self.key);
        }
        shown.finish_non_exhaustive()
    }
}

impl Created {
    pub(crate) fn read(value: Value, command: &'static str) -> Result<Created, Error> {
        let Value::Array(_) = value else {
            return Ok(Created {
                key: text(value, command)?,
                token: None,
            });
        };
        let [key, token] = <[Value; 2]>::try_from(array(value, command)?)
            .map_err(|_| Error::UnexpectedReply { command })?;
        Ok(Created {
            key: text(key, command)?,
            token: Some(text(token, command)?),
        })
    }
}
