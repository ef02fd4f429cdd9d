//! SESSION.SCHEMA LIST: the registered schemas.

use super::registry::Schemas;
use crate::commands::sending::{reads, send_to_primaries, Sending};
use crate::commands::sessions::Sessions;
use crate::replies::{common, read_schemas};
use crate::{Connection, Error, SchemaEntry};
use redis::Cmd;
use std::future::IntoFuture;

impl<'a, C> Schemas<'a, C> {
    /// The registered schemas, without their texts; in a cluster those that are the same on every primary.
    pub fn list(self) -> ListSchemas<'a, C> {
        ListSchemas {
            sessions: self.sessions,
        }
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
        let mut cmd = redis::cmd("SESSION.SCHEMA");
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
