//! SESSION.INFO: the fields of a session, without its data.

use super::sending::sends;
use super::sessions::Sessions;
use crate::{Error, Info};
use redis::Cmd;

const INFO: &str = "SESSION.INFO";

impl<C> Sessions<C> {
    /// The fields of a live session; none if there is none. Not an access.
    ///
    /// # Errors
    /// Those of the connection, and [`Error::WrongType`].
    pub fn info(&self, key: impl AsRef<[u8]>) -> GetInfo<'_, C> {
        GetInfo {
            sessions: self,
            key: key.as_ref().to_vec(),
        }
    }
}

/// [`Sessions::info`]
#[must_use = "a command is sent by `.await`"]
pub struct GetInfo<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
}

impl<C> GetInfo<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(INFO);
        cmd.arg(&self.key);
        Ok(cmd)
    }
}

sends!(GetInfo => Option<Info>, |reply| Info::read_map(reply, INFO));
