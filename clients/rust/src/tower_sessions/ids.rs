//! New IDs for sessions.

use super::store::{Data, RedisSessionStore};
use crate::store::{Rotation, Times};
use crate::{Connection, Error};
use serde_json::Value;
use tower_sessions_core::session::Id;

/// So many IDs are tried. Even one collision of random IDs never happens: it is the ID that was given.
const ATTEMPTS: usize = 8;

impl<C: Connection> RedisSessionStore<C> {
    /// Creates a session under a new ID, or under `id` if that is free. Returns its ID.
    pub(super) async fn create_new(
        &self,
        mut id: Id,
        data: &Data,
        times: Times,
        user: Option<&str>,
    ) -> Result<Id, Error> {
        for _ in 0..ATTEMPTS {
            if self
                .engine
                .create(&id.to_string(), data, times, user)
                .await?
            {
                return Ok(id);
            }
            id = Id::default();
        }
        Err(no_id())
    }

    /// Gives a live session a new ID. Returns it.
    pub(super) async fn move_to_new(
        &self,
        old: &Id,
        rotation: &Rotation<'_, Value>,
    ) -> Result<Id, Error> {
        for _ in 0..ATTEMPTS {
            let id = self.id_beside(old).await;
            if self
                .engine
                .rotate(&old.to_string(), &id.to_string(), rotation)
                .await?
            {
                return Ok(id);
            }
        }
        Err(no_id())
    }

    /// A random ID. In a cluster its key lies in the slot of this session, because ROTATE stays in the slot: of 16384
    /// random IDs one does on average, which takes some milliseconds, and leaves 112 random bits or more.
    async fn id_beside(&self, old: &Id) -> Id {
        let keys = &self.engine.keys;
        let slot = keys.slot_of(&old.to_string());
        let mut attempts: u32 = 0;
        loop {
            let id = Id::default();
            if keys.slot_of(&id.to_string()) == slot {
                return id;
            }
            attempts = attempts.wrapping_add(1);
            if attempts.is_multiple_of(128) {
                tokio::task::yield_now().await; // other requests have their turn
            }
        }
    }
}

fn no_id() -> Error {
    Error::Server {
        code: "ERR".into(),
        message: "no ID could be found that is not taken".into(),
    }
}
