//! SESSION.DEL: ends sessions.

use super::options::bytes;
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::count;
use crate::Error;
use redis::Cmd;

const DEL: &str = "SESSION.DEL";

impl<C> Sessions<C> {
    /// Ends the sessions of these keys (`[key]` for one), and returns how many were live. In a cluster the keys must lie
    /// in one slot.
    ///
    /// # Errors
    /// [`Error::WrongType`] if one of the keys holds something else; then no session ends. [`Error::Usage`] if there is
    /// no key.
    pub fn delete<K: AsRef<[u8]>>(&self, keys: impl IntoIterator<Item = K>) -> Delete<'_, C> {
        Delete {
            sessions: self,
            keys: bytes(keys),
        }
    }
}

/// [`Sessions::delete`]
#[must_use = "a command is sent by `.await`"]
pub struct Delete<'a, C = ()> {
    sessions: &'a Sessions<C>,
    keys: Vec<Vec<u8>>,
}

impl<C> Delete<'_, C> {
    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no key.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        if self.keys.is_empty() {
            return Err(Error::Usage {
                message: "delete takes at least one key",
            });
        }
        let mut cmd = redis::cmd(DEL);
        cmd.arg(&self.keys);
        Ok(cmd)
    }
}

sends!(Delete => u64, |reply| count(reply, DEL));
