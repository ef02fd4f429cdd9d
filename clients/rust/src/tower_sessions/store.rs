//! The store: what tower-sessions asks of it, as commands of the module.

use super::expiry::{from_millis, is_past, to_millis};
use super::request::{self, Moved, StoreId};
use crate::store::{ended, Deadline, Engine, Options, Rotation, Times};
use crate::{Connection, Error, Sessions};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error as StoreError, Result as StoreResult};
use tower_sessions_core::SessionStore;

/// The members of a record.
pub(super) type Data = HashMap<String, Value>;

/// So many IDs are tried. Even one collision of random IDs never happens: it is the ID that was given.
const ATTEMPTS: usize = 8;

/// So long a session that `cycle_id` has moved waits to be saved. Nobody knows its ID, so it serves nobody; it ends with
/// the request, and by this deadline if the request is broken off.
const WAIT: Duration = Duration::from_secs(300);

/// A [`SessionStore`] that keeps the sessions of tower-sessions in the module.
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
        let old = self.key_of(old);
        for attempt in 1_u64.. {
            let id = Id::default();
            if self.engine.keys.share_a_slot(&old, &self.key_of(&id)) {
                return id;
            }
            if attempt % 128 == 0 {
                tokio::task::yield_now().await; // other requests have their turn
            }
        }
        unreachable!("the numbers do not end")
    }

    async fn cycle(&self, old: &Id) -> Result<(), Error> {
        let rotation = Rotation {
            times: Times {
                deadline: Some(Deadline::In(WAIT)),
                idle: None,
            },
            user: None,
            members: &Data::new(),
        };
        match self.move_to_new(old, &rotation).await {
            Ok(id) => {
                request::note_moved(self.moved(id, None));
                Ok(())
            }
            Err(error) => {
                request::note_dead(self.id());
                Err(error)
            }
        }
    }

    pub(super) fn moved(&self, id: Id, login: Option<super::login::Stored>) -> Moved {
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

    /// Saves a session that a request has given a new ID.
    async fn save_moved(&self, record: &mut Record, moved: Moved) -> Result<(), Error> {
        record.id = moved.id;
        match moved.login {
            Some(login) => {
                login.apply(&mut record.data);
                Ok(())
            }
            None => self.save_live(record).await,
        }
    }

    async fn save_live(&self, record: &Record) -> Result<(), Error> {
        let id = record.id.to_string();
        let times = self.times(Some(&record.id), record.expiry_date).await?;
        match self.engine.save(&id, &record.data, times).await {
            Err(error) if is_past(&error) => self.engine.end(&id).await,
            result => result,
        }
    }

    async fn create_record(&self, record: &mut Record) -> Result<(), Error> {
        if request::is_dead(self.id()) {
            return Err(ended());
        }
        if let Some(moved) = request::take_moved(self.id()) {
            return self.save_moved(record, moved).await;
        }
        let times = self.times(None, record.expiry_date).await?;
        match self.create_new(record.id, &record.data, times, None).await {
            Ok(id) => record.id = id,
            // It has expired already, so there is nothing to store.
            Err(error) if is_past(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn no_id() -> Error {
    Error::Server {
        code: "ERR".into(),
        message: "no ID could be found that is not taken".into(),
    }
}

#[async_trait]
impl<C: Connection> SessionStore for RedisSessionStore<C> {
    /// Creates the session under the ID of the record, or under a new one if that is taken.
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        self.create_record(record).await.map_err(told)?;
        request::note_created(record.id);
        Ok(())
    }

    /// Saves a live session. If it has ended, that is an error, and nothing is created.
    async fn save(&self, record: &Record) -> StoreResult<()> {
        self.save_live(record).await.map_err(told)
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let loaded = self.engine.load(&id.to_string()).await.map_err(told)?;
        Ok(loaded.map(|loaded| Record {
            id: *id,
            data: loaded.members,
            expiry_date: from_millis(loaded.deadline),
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let text = id.to_string();
        let result = match request::is_cycled(id) {
            _ if self.engine.has_ended_it(&text) => Ok(()),
            true => self.cycle(id).await,
            false => self.engine.end(&text).await,
        };
        result.map_err(told)
    }
}

/// The error as tower-sessions takes it.
fn told(error: Error) -> StoreError {
    match error {
        Error::Json { message } => StoreError::Encode(message),
        Error::NoSession { .. } => StoreError::Backend(super::error::ENDED.into()),
        error => StoreError::Backend(error.to_string()),
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
