//! What tower-sessions asks of a store, as commands of the module.

use super::error::told;
use super::expiry::{from_millis, is_past};
use super::moved::Moved;
use super::request;
use super::store::{Data, RedisSessionStore};
use crate::store::{ended, Deadline, Rotation, Times};
use crate::{Connection, Error};
use async_trait::async_trait;
use std::time::Duration;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::Result as StoreResult;
use tower_sessions_core::SessionStore;

/// So long a session that `cycle_id` has moved waits to be saved. Nobody knows its ID, so it serves nobody; it ends with
/// the request, and by this deadline if the request is broken off.
const WAIT: Duration = Duration::from_secs(300);

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
        if request::was_told(&record.id) {
            return Ok(());
        }
        let result = self.save_live(record).await;
        if let Err(Error::NoSession { .. }) = result {
            request::note_told(record.id);
        }
        result.map_err(told)
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

impl<C: Connection> RedisSessionStore<C> {
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
