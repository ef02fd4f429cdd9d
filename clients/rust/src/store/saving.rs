//! Saving a live session: the difference to what the request has loaded, or the whole.
//!
//! A session that has ended is reported, and nothing is created in its place.

use super::difference::difference;
use super::engine::Engine;
use super::member::{object, Member, Members};
use super::scope::{self, Known, Live};
use super::times::{checked_by, timed, Times};
use crate::{Connection, Error, Json};
use std::future::IntoFuture;
use std::sync::Once;

impl<C: Connection> Engine<C> {
    /// Saves what the members of a live session have become. In a scope that has loaded it, that is one PATCH with the
    /// members that differ, or a TOUCH if none does; else the data is replaced as a whole.
    ///
    /// # Errors
    /// [`Error::NoSession`] if the session has ended.
    pub(crate) async fn save<V: Member>(
        &self,
        id: &str,
        members: &Members<V>,
        times: Times,
    ) -> Result<(), Error> {
        let key = self.keys.of(id);
        let result = match scope::known(&key) {
            // The request has ended it: what it saves afterwards is of no use to anybody.
            Some(Known::Ended) => return Ok(()),
            Some(Known::Live(live)) => self.save_difference(&key, live, members, times).await,
            None => self.replace(&key, members, times).await,
        };
        match result {
            Err(Error::NoSession { .. } | Error::WrongType { .. }) => Err(lost(&key, "save")),
            result => result,
        }
    }

    /// Records that the session was used, and gives it these times.
    ///
    /// # Errors
    /// [`Error::NoSession`] if the session has ended.
    #[cfg(feature = "actix-session")]
    pub(crate) async fn touch(&self, id: &str, times: Times) -> Result<(), Error> {
        let key = self.keys.of(id);
        match self.access(&key, times).await {
            Err(Error::NoSession { .. } | Error::WrongType { .. }) => Err(lost(&key, "touch")),
            result => result,
        }
    }

    async fn save_difference<V: Member>(
        &self,
        key: &str,
        live: Live,
        members: &Members<V>,
        times: Times,
    ) -> Result<(), Error> {
        let before = V::read(&live.text).unwrap_or_default();
        match difference(&before, members)? {
            Some(patch) => self.patch(key, &patch, times).await?,
            // This request has just written the same.
            None if times.fixed().is_some() && times.fixed() == live.wrote_deadline => {
                return Ok(())
            }
            None => self.access(key, times).await?,
        }
        let text = object(members)?;
        let wrote_deadline = times.fixed();
        scope::note(
            key,
            Known::Live(Live {
                text,
                wrote_deadline,
                ..live
            }),
        );
        Ok(())
    }

    async fn patch(&self, key: &str, patch: &str, times: Times) -> Result<(), Error> {
        self.with_schema(|schema| {
            let command = timed!(self.sessions.patch(key, Json(patch)), times);
            checked_by!(command, schema).into_future()
        })
        .await?;
        Ok(())
    }

    async fn replace<V: Member>(
        &self,
        key: &str,
        members: &Members<V>,
        times: Times,
    ) -> Result<(), Error> {
        if !scope::is_open() {
            warn_once();
        }
        let text = object(members)?;
        let result = self
            .with_schema(|schema| {
                let command = timed!(self.sessions.set(key, Json(&text)), times);
                checked_by!(command, schema).into_future()
            })
            .await;
        match result {
            // It was cleared without being loaded, and an ended session is as empty as that.
            Err(Error::NoSession { .. } | Error::WrongType { .. }) if members.is_empty() => Ok(()),
            Err(error) => Err(error),
            Ok(_) => {
                let wrote_deadline = times.fixed();
                scope::note(
                    key,
                    Known::Live(Live {
                        text,
                        created: None,
                        wrote_deadline,
                    }),
                );
                Ok(())
            }
        }
    }

    async fn access(&self, key: &str, times: Times) -> Result<(), Error> {
        match self.send(timed!(self.sessions.touch(key), times)).await? {
            true => Ok(()),
            false => Err(ended()),
        }
    }
}

/// Tells that a write was dropped.
pub(super) fn lost(key: &str, operation: &str) -> Error {
    scope::note_lost();
    // The key holds a hash of the ID, so a log may show it.
    tracing::warn!(
        key,
        operation,
        "a session ended during a request, and the write was dropped"
    );
    ended()
}

/// What a write to a session that has ended is answered with.
pub(crate) const ENDED: &str =
    "the session has ended; the write was dropped, and nothing was created";

/// The error for a session that has ended.
pub(crate) fn ended() -> Error {
    Error::NoSession {
        message: ENDED.into(),
    }
}

fn warn_once() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "a session is saved outside a request scope, so its data is replaced as a whole, and the changes of \
             parallel requests are lost; add the layer or middleware of the store that opens one"
        );
    });
}
