//! SESSION.SCHEMA CHECK: checks data without a session.

use super::registry::Schemas;
use crate::commands::sending::sends;
use crate::commands::sessions::Sessions;
use crate::replies::parts::okay;
use crate::{Error, ToJson};
use redis::Cmd;

impl<'a, C> Schemas<'a, C> {
    /// Checks data against a schema, as [`Sessions::set`] would, without a session.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSchema`], [`Error::BadJson`], [`Error::BadSchema`].
    pub fn check(self, name: impl Into<String>, data: impl ToJson) -> CheckSchema<'a, C> {
        CheckSchema {
            sessions: self.sessions,
            name: name.into(),
            data: data.to_json(),
        }
    }
}

/// [`Schemas::check`]
#[must_use = "a command is sent by `.await`"]
pub struct CheckSchema<'a, C = ()> {
    sessions: &'a Sessions<C>,
    name: String,
    data: Result<String, Error>,
}

impl<C> CheckSchema<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the data cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd("SESSION.SCHEMA");
        cmd.arg("CHECK")
            .arg(&self.name)
            .arg(self.data.as_ref().map_err(Error::clone)?);
        Ok(cmd)
    }
}

sends!(CheckSchema => (), |reply| okay(reply, "SESSION.SCHEMA CHECK"));
