//! The sessions of users: what an application shows as "your devices", and ends with "log out everywhere".
//!
//! Sessions are named by handles, the keys without the prefix. A handle may be shown to a visitor: it is no cookie,
//! and ends no session of another user.

use super::engine::Engine;
use crate::{Connection, Error, Field, FieldValue, Listed, UnixMillis};
use serde_json::Value;
use std::time::Duration;

/// One session of a user.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UserSession {
    /// Names the session where one is to be ended. May be shown to its user.
    pub handle: String,
    /// When it was created.
    pub created: UnixMillis,
    /// When its ID was made: at the creation, or at the last login or other rotation.
    pub issued: Option<UnixMillis>,
    /// When it was used last, which is recorded once a minute, or more often with an idle timeout.
    pub accessed: UnixMillis,
    /// When the user logged in.
    pub authenticated: Option<UnixMillis>,
    /// How long it lives on if it is not used; `None` without an end.
    pub ttl: Option<Duration>,
    /// The value at each of the pointers that were asked for; `None` where there is nothing.
    pub values: Vec<Option<Value>>,
}

const FIELDS: [Field; 3] = [Field::Issued, Field::Authenticated, Field::Ttl];

impl<C: Connection> Engine<C> {
    /// What may be shown of the session with this ID.
    pub(crate) fn handle_of(&self, id: &str) -> String {
        let key = self.keys.of(id);
        self.keys.handle(&key).to_owned()
    }

    /// The user's sessions, the most recently used first, with the values at these JSON Pointers.
    pub(crate) async fn sessions_of(
        &self,
        user: &str,
        paths: &[&str],
    ) -> Result<Vec<UserSession>, Error> {
        let list = self
            .sessions
            .list(self.name_of(user))
            .fields(FIELDS)
            .paths(paths);
        let mut listed = self.send(list).await?;
        // Applications can be made to share users; another's sessions have keys that are not this store's to name.
        listed.retain(|listed| self.keys.are(&listed.key));
        let session = |listed: Listed<[FieldValue; 3]>| {
            let [issued, authenticated, ttl] = listed.info.map(|field| field.integer());
            let value = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
            UserSession {
                handle: self.keys.handle(&listed.key).to_owned(),
                created: listed.created,
                issued: issued.map(UnixMillis),
                accessed: listed.accessed,
                authenticated: authenticated.map(UnixMillis),
                ttl: ttl
                    .and_then(|ms| u64::try_from(ms).ok())
                    .map(Duration::from_millis),
                values: listed.values.texts.iter().map(value).collect(),
            }
        };
        Ok(listed.into_iter().map(session).collect())
    }

    /// Ends the user's sessions, all or all but the one with this ID. Returns how many were live.
    pub(crate) async fn revoke(&self, user: &str, except: Option<&str>) -> Result<u64, Error> {
        let revoke = self.sessions.revoke(self.name_of(user));
        match except {
            Some(id) => self.send(revoke.except([self.keys.of(id)])).await,
            None => self.send(revoke).await,
        }
    }

    /// Ends the session of the user that the handle names. False if there is none, such as for one of another user.
    pub(crate) async fn end_device(&self, user: &str, handle: &str) -> Result<bool, Error> {
        let Some(key) = self.keys.of_handle(handle) else {
            return Ok(false);
        };
        let revoke = self.sessions.revoke(self.name_of(user)).only([key]);
        Ok(self.send(revoke).await? > 0)
    }
}
