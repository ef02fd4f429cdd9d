//! Logins and rotations: the session goes on under a new ID, in one step with what they change.

use super::error::{has_ended, LoginError};
use super::moved::Login;
use super::request;
use super::store::{Data, RedisSessionStore};
use crate::store::Rotation;
use crate::{Connection, Error};
use serde::Serialize;
use serde_json::Value;
use tower_sessions_core::session::Id;
use tower_sessions_core::Session;

impl<C: Connection> RedisSessionStore<C> {
    /// Logs the user in: the session gets a new ID, belongs to the user from then on, and gets these members, as
    /// `session.insert` would set them. All of that is one ROTATE, and the visitor's cart stays. Give `()` for no members.
    ///
    /// A visitor without a session gets one. If the session has another user, or has ended, the login begins an empty
    /// session, so that nobody inherits data.
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the options `max_sessions` and `refuse`; [`Error::Json`] if `members` is neither a
    /// struct nor a map nor `()`; [`Error::Invalid`] by a schema. Then nobody is logged in, and the session stays.
    pub async fn login(
        &self,
        session: &Session,
        user: &str,
        members: impl Serialize,
    ) -> Result<(), LoginError> {
        let members = object(members)?;
        request::open(self.renew(session, Some(user), members)).await
    }

    /// Gives the session a new ID by one ROTATE; data, user and times stay. For a visitor without a session it does
    /// nothing.
    ///
    /// Within a [`RequestScopeLayer`](super::RequestScopeLayer), `session.cycle_id()` does the same by two commands.
    ///
    /// # Errors
    /// [`Error::NoSession`] if the session has ended.
    pub async fn rotate(&self, session: &Session) -> Result<(), LoginError> {
        request::open(self.renew(session, None, Data::new())).await
    }

    async fn renew(
        &self,
        session: &Session,
        user: Option<&str>,
        members: Data,
    ) -> Result<(), LoginError> {
        let alive = self.stored(session).await?;
        let old = session.id().filter(|_| alive);
        let Some((id, fresh)) = self.change(session, old, user, &members).await? else {
            return Ok(());
        };
        let login = Login { members, fresh };
        request::note_moved(self.moved(id, Some(login)));
        // The only way to give the session another ID: `delete` of the old one, which is no longer there, and `create`,
        // which finds what was noted.
        session.cycle_id().await?;
        session.save().await?;
        Ok(())
    }

    /// Stores what the request has changed in the session so far. False if there is no live session.
    async fn stored(&self, session: &Session) -> Result<bool, LoginError> {
        session.get_value("").await?; // loads it
        if session.is_modified() {
            match session.save().await {
                Err(error) if has_ended(&error) => {
                    if let Some(id) = session.id() {
                        self.engine.note_ended(&id.to_string());
                    }
                    return Ok(false);
                }
                result => result?,
            }
        }
        Ok(session.id().is_some())
    }

    /// Does it on the server. Returns the new ID, and whether it is that of a new session.
    async fn change(
        &self,
        session: &Session,
        old: Option<Id>,
        user: Option<&str>,
        members: &Data,
    ) -> Result<Option<(Id, bool)>, Error> {
        let times = self.times(old.as_ref(), session.expiry_date()).await?;
        let mut of_another = None;
        if let Some(old) = old {
            let rotation = Rotation {
                times,
                user,
                members,
            };
            match self.move_to_new(&old, &rotation).await {
                Ok(id) => return Ok(Some((id, false))),
                Err(Error::OtherUser { .. }) => of_another = Some(old.to_string()),
                Err(Error::NoSession { .. }) if user.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        if user.is_none() {
            return Ok(None);
        }
        let id = self.create_new(Id::default(), members, times, user).await?;
        // Afterwards, so that a login that is refused leaves the other user's session.
        if let Some(old) = of_another {
            self.engine.end(&old).await?;
        }
        Ok(Some((id, true)))
    }
}

/// The members of a struct or a map.
fn object(members: impl Serialize) -> Result<Data, Error> {
    match serde_json::to_value(members) {
        Ok(Value::Object(members)) => Ok(members.into_iter().collect()),
        Ok(Value::Null) => Ok(Data::new()),
        _ => Err(Error::Json {
            message: "the members of a login must be a struct, a map with texts as keys, or ()"
                .into(),
        }),
    }
}
