//! SESSION.SCHEMA SET: registers a JSON Schema, or replaces one.

use super::registry::Schemas;
use crate::commands::options::text;
use crate::commands::sending::{reads, send_to_primaries, Sending};
use crate::commands::sessions::Sessions;
use crate::replies::parts::okay;
use crate::{Connection, Error, ToJson};
use redis::Cmd;
use std::future::IntoFuture;

impl<'a, C> Schemas<'a, C> {
    /// Registers a JSON Schema, or replaces one. New and changed sessions are checked by it from then on.
    ///
    /// # Errors
    /// [`Error::BadSchema`] if it is no JSON Schema; [`Error::Conflict`] with `keep`, or for a prefix that belongs to
    /// another schema.
    pub fn set(self, name: impl Into<String>, schema: impl ToJson) -> SetSchema<'a, C> {
        SetSchema {
            sessions: self.sessions,
            name: name.into(),
            schema: schema.to_json(),
            assert_format: false,
            keep: false,
            prefix: None,
        }
    }
}

/// [`Schemas::set`]
#[must_use = "a command is sent by `.await`"]
pub struct SetSchema<'a, C = ()> {
    sessions: &'a Sessions<C>,
    name: String,
    schema: Result<String, Error>,
    assert_format: bool,
    keep: bool,
    prefix: Option<String>,
}

impl<C> SetSchema<'_, C> {
    /// Checks `format` in every draft; without it only drafts 4, 6 and 7 do.
    pub fn assert_format(mut self) -> Self {
        self.assert_format = true;
        self
    }

    /// Replaces nothing: [`Error::Conflict`] if another schema has the name. (NX of the command.)
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// New sessions whose keys begin with this, 1 to 255 bytes, take the schema.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the schema cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd("SESSION.SCHEMA");
        cmd.arg("SET")
            .arg(&self.name)
            .arg(self.schema.as_ref().map_err(Error::clone)?);
        if self.assert_format {
            cmd.arg("ASSERTFORMAT");
        }
        if self.keep {
            cmd.arg("NX");
        }
        text(&mut cmd, "PREFIX", self.prefix.as_deref());
        Ok(cmd)
    }
}

reads!(SetSchema => (), |reply| okay(reply, "SESSION.SCHEMA SET"));

impl<C: Connection> IntoFuture for SetSchema<'_, C> {
    type Output = Result<(), Error>;
    type IntoFuture = Sending<()>;

    fn into_future(self) -> Self::IntoFuture {
        send_to_primaries(self.sessions, self.to_cmd(), SetSchema::read, |_| ())
    }
}
