//! The store itself; what tower-sessions asks of it is in `session_store`.

use super::expiry::to_millis;
use super::moved::{Login, Moved, StoreId};
use crate::store::{Deadline, Engine, Options, Times};
use crate::{Connection, Error, Sessions};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use time::OffsetDateTime;
use tower_sessions_core::session::Id;

/// The members of a record.
pub(super) type Data = HashMap<String, Value>;

/// A [`SessionStore`](tower_sessions_core::SessionStore) that keeps the sessions of tower-sessions in the module.
///
/// A clone is the same store. See the [module](super) for what it does.
pub struct RedisSessionStore<C> {
    pub(super) engine: Arc<Engine<C>>,
}

impl<C: Connection> RedisSessionStore<C> {
    /// A store on this connection, with the default options.
    pub fn new(connection: C) -> RedisSessionStore<C> {
        RedisSessionStore::with_options(connection, Options::new())
    }

    /// A store with these options.
    pub fn with_options(connection: C, options: Options) -> RedisSessionStore<C> {
        RedisSessionStore {
            engine: Arc::new(Engine::new(connection, options)),
        }
    }

    /// All commands of the module, on the connection of the store.
    pub fn sessions(&self) -> &Sessions<C> {
        &self.engine.sessions
    }

    /// The key of the session with this ID. It holds a hash of the ID, so it may be shown.
    pub fn key_of(&self, id: &Id) -> String {
        self.engine.keys.of(&id.to_string())
    }

    pub(super) fn id(&self) -> StoreId {
        Arc::as_ptr(&self.engine) as StoreId
    }

    /// A session under a new ID, for `create` to find.
    pub(super) fn moved(&self, id: Id, login: Option<Login>) -> Moved {
        let store = self.clone();
        let end = Box::pin(async move {
            if let Err(error) = store.engine.end(&id.to_string()).await {
                tracing::warn!(%error, "a session that nobody can use stays until its deadline");
            }
        });
        Moved {
            store: self.id(),
            id,
            login,
            end,
        }
    }

    /// The times of a record: its deadline, and the idle timeout of the options.
    pub(super) async fn times(
        &self,
        id: Option<&Id>,
        date: OffsetDateTime,
    ) -> Result<Times, Error> {
        let id = id.map(Id::to_string);
        let deadline = self.engine.deadline(id.as_deref(), to_millis(date)).await?;
        Ok(Times {
            deadline: Some(Deadline::At(deadline)),
            // Without an idle timeout of its own a session would get that of the server, which the record does not say.
            idle: Some(self.engine.options.idle.unwrap_or_default()),
        })
    }
}

impl<C> Clone for RedisSessionStore<C> {
    fn clone(&self) -> Self {
        RedisSessionStore {
            engine: Arc::clone(&self.engine),
        }
    }
}

impl<C> fmt::Debug for RedisSessionStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessionStore").finish_non_exhaustive()
    }
}
