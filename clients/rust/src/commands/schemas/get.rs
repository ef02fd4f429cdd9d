//! SESSION.SCHEMA GET: the text of a schema.

use super::registry::Schemas;
use crate::commands::sending::sends;
use crate::commands::sessions::Sessions;
use crate::replies::parts::optional_text;
use crate::Error;
use redis::Cmd;

impl<'a, C> Schemas<'a, C> {
    /// The text of a schema, byte for byte as it was set; none if there is none.
    pub fn get(self, name: impl Into<String>) -> GetSchema<'a, C> {
        GetSchema {
            sessions: self.sessions,
            name: name.into(),
        }
    }
}

/// [`Schemas::get`]
#[must_use = "a command is sent by `.await`"]
pub struct GetSchema<'a, C = ()> {
    sessions: &'a Sessions<C>,
    name: String,
}

impl<C> GetSchema<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd("SESSION.SCHEMA");
        cmd.arg("GET").arg(&self.name);
        Ok(cmd)
    }
}

sends!(GetSchema => Option<String>, |reply| optional_text(reply, "SESSION.SCHEMA GET"));
