//! "Your devices", and "log out everywhere".

use super::request;
use super::store::RedisSessionStore;
use crate::store::UserSession;
use crate::{Connection, Error};

impl<C: Connection> RedisSessionStore<C> {
    /// The live sessions of the user, the most recently used first, with the values at these JSON Pointers to their data,
    /// such as `/device`.
    ///
    /// # Errors
    /// [`Error::Server`] for a user's name that is empty or longer than 512 bytes with its prefix.
    pub async fn sessions_of(&self, user: &str, paths: &[&str]) -> Result<Vec<UserSession>, Error> {
        self.engine.sessions_of(user, paths).await
    }

    /// What [`sessions_of`](RedisSessionStore::sessions_of) calls the session of this request; `None` for a visitor without
    /// one, and outside a [`RequestScope`](super::RequestScope).
    pub fn handle(&self) -> Option<String> {
        request::current().map(|id| self.engine.handle_of(&id))
    }

    /// Logs the user out everywhere. Returns how many sessions ended.
    ///
    /// # Errors
    /// Those of [`Sessions::revoke`](crate::Sessions::revoke).
    pub async fn revoke(&self, user: &str) -> Result<u64, Error> {
        self.engine.revoke(user, None).await
    }

    /// Logs the user out everywhere else: all sessions end but that of this request. Returns how many ended.
    ///
    /// # Errors
    /// Those of `revoke`; [`Error::Usage`] outside a [`RequestScope`](super::RequestScope).
    pub async fn revoke_others(&self, user: &str) -> Result<u64, Error> {
        if !request::is_open() {
            return Err(Error::Usage {
                message: "revoke_others needs the middleware RequestScope around SessionMiddleware",
            });
        }
        self.engine
            .revoke(user, request::current().as_deref())
            .await
    }

    /// Ends the session of the user that the handle names. False if there is none: a handle of another user's session ends
    /// nothing, so it may come from the visitor.
    ///
    /// # Errors
    /// Those of `revoke`.
    pub async fn end_device(&self, user: &str, handle: &str) -> Result<bool, Error> {
        self.engine.end_device(user, handle).await
    }
}
