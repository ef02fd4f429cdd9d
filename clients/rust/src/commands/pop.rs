//! SESSION.POP: reads and removes parts of the data.

use super::options::bytes;
use super::sending::sends;
use super::sessions::Sessions;
use crate::{Error, Values};
use redis::Cmd;

const POP: &str = "SESSION.POP";

impl<C> Sessions<C> {
    /// Reads and removes the values at these JSON Pointers (`["/code"]` for one) in one step, for flash messages and
    /// one-time codes. Of several callers that pop the same value, only one gets it.
    ///
    /// # Errors
    /// [`Error::NoSession`]; [`Error::Invalid`] if the rest of the data does not satisfy the schema; [`Error::Usage`] if
    /// there is no pointer.
    pub fn pop<P: AsRef<[u8]>>(
        &self,
        key: impl AsRef<[u8]>,
        pointers: impl IntoIterator<Item = P>,
    ) -> Pop<'_, C> {
        Pop {
            sessions: self,
            key: key.as_ref().to_vec(),
            pointers: bytes(pointers),
        }
    }
}

/// [`Sessions::pop`]
#[must_use = "a command is sent by `.await`"]
pub struct Pop<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    pointers: Vec<Vec<u8>>,
}

impl<C> Pop<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no pointer.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        if self.pointers.is_empty() {
            return Err(Error::Usage {
                message: "pop takes at least one JSON Pointer",
            });
        }
        let mut cmd = redis::cmd(POP);
        cmd.arg(&self.key).arg(&self.pointers);
        Ok(cmd)
    }
}

sends!(Pop => Values, |reply| Values::read_plain(reply, POP));
