//! "Your devices", and "log out everywhere".

use super::store::RedisSessionStore;
use crate::store::UserSession;
use crate::{Connection, Error};
use tower_sessions_core::Session;

impl<C: Connection> RedisSessionStore<C> {
    /// The live sessions of the user, the most recently used first, with the values at these JSON Pointers to their data,
    /// such as `/device`.
    ///
    /// # Errors
    /// [`Error::Server`] for a user's name that is empty or longer than 512 bytes with its prefix.
    pub async fn sessions_of(&self, user: &str, paths: &[&str]) -> Result<Vec<UserSession>, Error> {
        self.engine.sessions_of(user, paths).await
    }

    /// What [`sessions_of`](RedisSessionStore::sessions_of) calls this session; `None` for a visitor without one.
    pub fn handle_of(&self, session: &Session) -> Option<String> {
        session
            .id()
            .map(|id| self.engine.handle_of(&id.to_string()))
    }

    /// Logs the user out everywhere. Returns how many sessions ended.
    pub async fn revoke(&self, user: &str) -> Result<u64, Error> {
        self.engine.revoke(user, None).await
    }

    /// Logs the user out everywhere else: all sessions end but this one. Returns how many ended.
    pub async fn revoke_others(&self, user: &str, session: &Session) -> Result<u64, Error> {
        let id = session.id().map(|id| id.to_string());
        self.engine.revoke(user, id.as_deref()).await
    }

    /// Ends the session of the user that the handle names. False if there is none: a handle of another user's session ends
    /// nothing, so it may come from the visitor.
    pub async fn end_device(&self, user: &str, handle: &str) -> Result<bool, Error> {
        self.engine.end_device(user, handle).await
    }
}
