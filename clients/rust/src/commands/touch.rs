//! SESSION.TOUCH: records an access, and can change the timeouts.

use super::options::{expiry_options, Expiry};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::integer;
use crate::Error;
use redis::Cmd;

const TOUCH: &str = "SESSION.TOUCH";

impl<C> Sessions<C> {
    /// Records an access to a live session, and can change its timeouts. False if there is none.
    ///
    /// # Errors
    /// [`Error::Server`] for a deadline that is past.
    pub fn touch(&self, key: impl AsRef<[u8]>) -> Touch<'_, C> {
        Touch {
            sessions: self,
            key: key.as_ref().to_vec(),
            expiry: Expiry::default(),
        }
    }
}

/// [`Sessions::touch`]
#[must_use = "a command is sent by `.await`"]
pub struct Touch<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    expiry: Expiry,
}

impl<C> Touch<'_, C> {
    expiry_options!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(TOUCH);
        cmd.arg(&self.key);
        self.expiry.write(&mut cmd);
        Ok(cmd)
    }
}

sends!(Touch => bool, |reply| Ok(integer(reply, TOUCH)? == 1));
