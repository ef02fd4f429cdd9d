//! Loading, creating and ending sessions.

use super::engine::Engine;
use super::member::{object, Member, Members};
use super::scope::{self, Known, Live};
use super::times::{checked_by, owned_by, timed, Times};
use crate::commands::Get;
use crate::{Connection, Error, Field, Json};
use std::future::IntoFuture;

/// A session as it was loaded.
pub(crate) struct Loaded<V> {
    pub(crate) members: Members<V>,
    /// In Unix ms; `None` without a deadline.
    #[cfg_attr(not(feature = "tower-sessions"), allow(dead_code))]
    pub(crate) deadline: Option<i64>,
}

impl<C: Connection> Engine<C> {
    /// The live session with this ID, which is noted in the request's scope. A key of another type, and data that is no
    /// JSON object, count as no session.
    #[cfg(feature = "tower-sessions")]
    pub(crate) async fn load<V: Member>(&self, id: &str) -> Result<Option<Loaded<V>>, Error> {
        let key = self.keys.of(id);
        let get = self.sessions.get(&key);
        self.loaded(&key, get).await
    }

    /// As `load`, but not an access: for a framework that says by itself what counts as one.
    #[cfg(feature = "actix-session")]
    pub(crate) async fn peek<V: Member>(&self, id: &str) -> Result<Option<Loaded<V>>, Error> {
        let key = self.keys.of(id);
        let get = self.sessions.get(&key).no_touch();
        self.loaded(&key, get).await
    }

    async fn loaded<V: Member>(
        &self,
        key: &str,
        get: Get<'_, C>,
    ) -> Result<Option<Loaded<V>>, Error> {
        let get = get.fields([Field::Deadline, Field::Created]);
        let session = match self.send(get).await {
            Ok(session) => session,
            Err(Error::WrongType { .. }) => None,
            Err(error) => return Err(error),
        };
        let Some(session) = session else {
            scope::forget(key);
            return Ok(None);
        };
        let Some(members) = V::read(&session.text) else {
            tracing::warn!(key, "the data of a session is no JSON object that can be read, so it counts as no session");
            scope::forget(key);
            return Ok(None);
        };
        let [deadline, created] = session.info.map(|time| time.integer());
        let live = Live {
            text: session.text,
            created,
            wrote_deadline: None,
        };
        scope::note(key, Known::Live(live));
        Ok(Some(Loaded { members, deadline }))
    }

    /// Creates the session with this ID, for a user or for nobody. False, and nothing is changed, if the ID is taken.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the limit of the option `max_sessions` with `refuse`.
    pub(crate) async fn create<V: Member>(
        &self,
        id: &str,
        members: &Members<V>,
        times: Times,
        user: Option<&str>,
    ) -> Result<bool, Error> {
        let key = self.keys.of(id);
        let text = object(members)?;
        let created = self
            .with_schema(|schema| {
                let command = timed!(self.sessions.create_as(&key, Json(&text)), times);
                let command = checked_by!(command, schema);
                match user {
                    None => command.into_future(),
                    Some(user) => owned_by!(command, self, user).into_future(),
                }
            })
            .await?;
        if created {
            let live = Live {
                text,
                created: None,
                wrote_deadline: times.fixed(),
            };
            scope::note(&key, Known::Live(live));
        }
        Ok(created)
    }

    /// Ends the session with this ID, if there is one.
    pub(crate) async fn end(&self, id: &str) -> Result<(), Error> {
        let key = self.keys.of(id);
        match self.send(self.sessions.delete([&key])).await {
            Ok(_) | Err(Error::WrongType { .. }) => {
                scope::note(&key, Known::Ended);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that the session with this ID has ended, and that the request is to go on without it.
    #[cfg(feature = "tower-sessions")]
    pub(crate) fn note_ended(&self, id: &str) {
        scope::note(&self.keys.of(id), Known::Ended);
    }

    /// Whether the request itself has ended the session with this ID, or given it another.
    #[cfg(feature = "tower-sessions")]
    pub(crate) fn has_ended_it(&self, id: &str) -> bool {
        matches!(scope::known(&self.keys.of(id)), Some(Known::Ended))
    }

    /// The deadline `wanted`, in Unix ms, or that of the option `lifetime` if it is sooner.
    #[cfg(feature = "tower-sessions")]
    pub(crate) async fn deadline(&self, id: Option<&str>, wanted: i64) -> Result<i64, Error> {
        let Some(lifetime) = self.options.lifetime else {
            return Ok(wanted);
        };
        let created = match id {
            Some(id) => self.created(id).await?,
            None => None,
        };
        let created = created.unwrap_or_else(|| std::time::SystemTime::now().into());
        Ok(wanted.min(created.0.saturating_add(crate::values::millis(lifetime))))
    }

    /// When the session was created; `None` if it has ended.
    #[cfg(feature = "tower-sessions")]
    async fn created(&self, id: &str) -> Result<Option<crate::UnixMillis>, Error> {
        let key = self.keys.of(id);
        if let Some(Known::Live(Live {
            created: Some(created),
            ..
        })) = scope::known(&key)
        {
            return Ok(Some(created.into()));
        }
        match self.send(self.sessions.info(&key)).await {
            Ok(info) => Ok(info.map(|info| info.created)),
            Err(Error::WrongType { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
