//! SESSION.REVOKE: ends the sessions of a user.

use super::options::bytes;
use super::sending::reads;
use super::sending::Sending;
use super::sessions::Sessions;
use crate::replies::parts::{checked, count};
use crate::{Connection, Error};
use redis::Cmd;
use std::future::IntoFuture;

const REVOKE: &str = "SESSION.REVOKE";

impl<C> Sessions<C> {
    /// Ends sessions of a user: all, all `except` some, or `only` some. Returns how many ended. In a cluster all primaries
    /// are asked, again while slots move.
    ///
    /// # Errors
    /// [`Error::Server`] for an empty name or a limit of zero; [`Error::Unavailable`] if a primary of a cluster does not
    /// answer. Then some sessions can have ended; repeat it.
    pub fn revoke(&self, user: impl Into<String>) -> Revoke<'_, C> {
        Revoke {
            sessions: self,
            user: user.into(),
            limit: None,
            which: Which::All,
        }
    }
}

enum Which {
    All,
    Except(Vec<Vec<u8>>),
    Only(Vec<Vec<u8>>),
}

/// [`Sessions::revoke`]
#[must_use = "a command is sent by `.await`"]
pub struct Revoke<'a, C = ()> {
    sessions: &'a Sessions<C>,
    user: String,
    limit: Option<u64>,
    which: Which,
}

impl<C> Revoke<'_, C> {
    /// The sessions under these keys stay: log out everywhere else. The last of `except` and `only` counts.
    pub fn except<K: AsRef<[u8]>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.which = Which::Except(bytes(keys));
        self
    }

    /// Only the sessions under these keys end: log out these devices. Keys that are not of this user's sessions are
    /// ignored, so these can be keys that a visitor sent. Of no keys, no session ends.
    pub fn only<K: AsRef<[u8]>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.which = Which::Only(bytes(keys));
        self
    }

    /// Each command ends at most so many, 1 or more, the least recently accessed first: repeat it until it returns 0. In
    /// a cluster each node ends so many.
    pub fn limit(mut self, count: u64) -> Self {
        self.limit = Some(count);
        self
    }

    /// Whether the command would be one for no key, which the server does not take.
    fn ends_nothing(&self) -> bool {
        matches!(&self.which, Which::Only(keys) if keys.is_empty())
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Usage`] for `only` without keys.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        if self.ends_nothing() {
            return Err(Error::Usage {
                message: "only takes at least one key",
            });
        }
        let mut cmd = redis::cmd(REVOKE);
        cmd.arg(&self.user);
        if let Some(count) = self.limit {
            cmd.arg("LIMIT").arg(count);
        }
        match &self.which {
            Which::Except(keys) if !keys.is_empty() => cmd.arg("EXCEPT").arg(keys),
            Which::Only(keys) => cmd.arg("ONLY").arg(keys),
            Which::All | Which::Except(_) => &mut cmd,
        };
        Ok(cmd)
    }
}

reads!(Revoke => u64, |reply| count(reply, REVOKE));

impl<C: Connection> IntoFuture for Revoke<'_, C> {
    type Output = Result<u64, Error>;
    type IntoFuture = Sending<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let mut connection = self.sessions.connection.clone();
        let cmd = match self.ends_nothing() {
            true => None,
            false => Some(self.to_cmd()),
        };
        Box::pin(async move {
            let Some(cmd) = cmd else {
                return Ok(0);
            };
            let replies = connection.send_until_at_rest(cmd?).await?;
            let counts = replies
                .into_iter()
                .map(|reply| count(checked(reply)?, REVOKE));
            counts.sum()
        })
    }
}
