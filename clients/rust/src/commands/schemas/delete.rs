//! SESSION.SCHEMA DEL: removes schemas.

use super::registry::Schemas;
use crate::commands::sending::{reads, send_to_primaries, Sending};
use crate::commands::sessions::Sessions;
use crate::replies::parts::count;
use crate::{Connection, Error};
use redis::Cmd;
use std::future::IntoFuture;

impl<'a, C> Schemas<'a, C> {
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
}

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
        let mut cmd = redis::cmd("SESSION.SCHEMA");
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
