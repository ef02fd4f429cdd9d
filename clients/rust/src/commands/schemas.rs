//! SESSION.SCHEMA: the registry of JSON Schemas. In a cluster each primary has its own, so writes go to all of them.

use super::options::text;
use super::sending::{reads, send_to_primaries, sends};
use super::{Sending, Sessions};
use crate::replies::parts::{count, okay, optional_text};
use crate::replies::{common, read_schemas};
use crate::{Connection, Error, SchemaEntry, ToJson};
use redis::Cmd;
use std::future::IntoFuture;

const SCHEMA: &str = "SESSION.SCHEMA";

/// The commands SESSION.SCHEMA: [`Sessions::schema`].
pub struct Schemas<'a, C = ()> {
    pub(super) sessions: &'a Sessions<C>,
}

// A derived one would need a connection that is `Copy`.
impl<C> Clone for Schemas<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Schemas<'_, C> {}

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

    /// The text of a schema, byte for byte as it was set; none if there is none.
    pub fn get(self, name: impl Into<String>) -> GetSchema<'a, C> {
        GetSchema {
            sessions: self.sessions,
            name: name.into(),
        }
    }

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

    /// Removes schemas; returns how many of them there were. Sessions that name one fail their checks from then on.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no name.
    pub fn delete<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
    ) -> DeleteSchemas<'a, C> {
        DeleteSchemas {
            sessions: self.sessions,
            names: names.into_iter().map(Into::into).collect(),
        }
    }

    /// The registered schemas, without their texts; in a cluster those that are the same on every primary.
    pub fn list(self) -> ListSchemas<'a, C> {
        ListSchemas {
            sessions: self.sessions,
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
        let mut cmd = redis::cmd(SCHEMA);
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
        let mut cmd = redis::cmd(SCHEMA);
        cmd.arg("GET").arg(&self.name);
        Ok(cmd)
    }
}

sends!(GetSchema => Option<String>, |reply| optional_text(reply, "SESSION.SCHEMA GET"));

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
        let mut cmd = redis::cmd(SCHEMA);
        cmd.arg("CHECK")
            .arg(&self.name)
            .arg(self.data.as_ref().map_err(Error::clone)?);
        Ok(cmd)
    }
}

sends!(CheckSchema => (), |reply| okay(reply, "SESSION.SCHEMA CHECK"));

/// [`Schemas::delete`]
#[must_use = "a command is sent by `.await`"]
pub struct DeleteSchemas<'a, C = ()> {
    sessions: &'a Sessions<C>,
    names: Vec<String>,
}

impl<C> DeleteSchemas<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no name.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        if self.names.is_empty() {
            return Err(Error::Usage {
                message: "delete takes at least one name",
            });
        }
        let mut cmd = redis::cmd(SCHEMA);
        cmd.arg("DEL").arg(&self.names);
        Ok(cmd)
    }
}

reads!(DeleteSchemas => u64, |reply| count(reply, "SESSION.SCHEMA DEL"));

impl<C: Connection> IntoFuture for DeleteSchemas<'_, C> {
    type Output = Result<u64, Error>;
    type IntoFuture = Sending<u64>;

    fn into_future(self) -> Self::IntoFuture {
        // A primary that missed a registration has fewer.
        let most = |counts: Vec<u64>| counts.into_iter().max().unwrap_or_default();
        send_to_primaries(self.sessions, self.to_cmd(), DeleteSchemas::read, most)
    }
}

/// [`Schemas::list`]
#[must_use = "a command is sent by `.await`"]
pub struct ListSchemas<'a, C = ()> {
    sessions: &'a Sessions<C>,
}

impl<C> ListSchemas<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(SCHEMA);
        cmd.arg("LIST");
        Ok(cmd)
    }
}

reads!(ListSchemas => Vec<SchemaEntry>, read_schemas);

impl<C: Connection> IntoFuture for ListSchemas<'_, C> {
    type Output = Result<Vec<SchemaEntry>, Error>;
    type IntoFuture = Sending<Vec<SchemaEntry>>;

    fn into_future(self) -> Self::IntoFuture {
        send_to_primaries(self.sessions, self.to_cmd(), read_schemas, common)
    }
}
