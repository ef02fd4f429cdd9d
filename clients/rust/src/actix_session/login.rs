//! Logins: the session goes on under a new key, in one step with what a login changes.

use super::request;
use super::store::{RedisSessionStore, State};
use crate::store::Times;
use crate::{Connection, Error};
use actix_session::{Session, SessionStatus};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// So long a session that a login has made lives until the middleware saves it, at the end of the request.
const WAIT: Duration = Duration::from_secs(60);

impl<C: Connection> RedisSessionStore<C> {
    /// Logs the user in: the session gets a new key, belongs to the user from then on, and gets these members, as
    /// `Session::insert` would set them. All of that is one ROTATE, and the visitor's cart stays. Give `()` for no members.
    ///
    /// A visitor without a session gets one. If the session has another user, or has ended, the login begins an empty
    /// session, so that nobody inherits data.
    ///
    /// ```
    /// # use actix_session::Session;
    /// # use actix_web::{web, HttpResponse};
    /// # use redis_session_client::{actix_session::RedisSessionStore, Connection, Error};
    /// async fn login<C: Connection>(
    ///     session: Session,
    ///     store: web::Data<RedisSessionStore<C>>,
    /// ) -> Result<HttpResponse, actix_web::Error> {
    ///     // after the password was checked:
    ///     let members = serde_json::json!({"name": "Ada", "device": "phone"});
    ///     match store.login(&session, "ada", members).await {
    ///         Ok(()) => Ok(HttpResponse::NoContent().finish()),
    ///         Err(Error::TooMany { .. }) => Ok(HttpResponse::TooManyRequests().finish()),
    ///         Err(error) => Err(actix_web::error::ErrorInternalServerError(error)),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::TooMany`] beyond the options `max_sessions` and `refuse`; [`Error::Invalid`] by a schema;
    /// [`Error::Json`] if `members` is neither a struct nor a map nor `()`; [`Error::Usage`] outside a
    /// [`RequestScope`](super::RequestScope), after `Session::purge`, and for a session without any member, to which
    /// actix-session gives no cookie. Then nobody is logged in, and the session stays.
    pub async fn login(
        &self,
        session: &Session,
        user: &str,
        members: impl Serialize,
    ) -> Result<(), Error> {
        let members = object(members)?;
        let usage = |message| Err(Error::Usage { message });
        if !request::is_open() {
            return usage("login needs the middleware RequestScope around SessionMiddleware");
        }
        if session.status() == SessionStatus::Purged {
            return usage("the session was purged in this request, so nobody can log in with it");
        }
        let old = request::current();
        if old.is_none() && members.is_empty() && session.entries().is_empty() {
            return usage(
                "a session without members gets no cookie; give login a member, such as the user's name",
            );
        }
        let before = match &old {
            Some(old) => self.continue_as(session, old, user, &members).await?,
            None => Before::Nothing,
        };
        let id = match before {
            Before::Continued(id) => id,
            Before::Nothing => {
                let state = session.entries().clone();
                self.begin_as(state, user, &members).await?
            }
            Before::Unusable => {
                let id = self.begin_as(State::new(), user, &members).await?;
                // Afterwards, so that a login that is refused leaves the session of another user.
                if let Some(old) = &old {
                    self.engine.end(old).await?;
                }
                session.clear();
                id
            }
        };
        request::note_moved(&id);
        apply(session, &members)
    }

    /// Gives the live session to the user.
    async fn continue_as(
        &self,
        session: &Session,
        old: &str,
        user: &str,
        members: &State,
    ) -> Result<Before, Error> {
        let rotated = async {
            if session.status() != SessionStatus::Unchanged {
                let state = session.entries().clone();
                self.engine.save(old, &state, Times::default()).await?;
            }
            self.rotate(old, Some(user), members).await
        };
        match rotated.await {
            Ok(id) => Ok(Before::Continued(id)),
            Err(Error::OtherUser { .. } | Error::NoSession { .. }) => Ok(Before::Unusable),
            Err(error) => Err(error),
        }
    }

    /// Makes a session for the user of what there was before and the members of the login.
    async fn begin_as(
        &self,
        mut state: State,
        user: &str,
        members: &State,
    ) -> Result<String, Error> {
        state.extend(members.clone());
        let times = Times {
            idle: Some(WAIT),
            ..Times::default()
        };
        self.create(&state, times, Some(user)).await
    }
}

/// The visitor's session at a login.
enum Before {
    /// There was none.
    Nothing,
    /// It goes on as the user's, under this new key.
    Continued(String),
    /// It has another user, or has ended. Nobody inherits its data.
    Unusable,
}

/// Shows the handler what the login has stored, and makes the middleware save the session: only then it sets the new
/// cookie.
fn apply(session: &Session, members: &State) -> Result<(), Error> {
    for (name, text) in members {
        let raw: &RawValue = serde_json::from_str(text).map_err(|_| Error::write_json())?;
        session.insert(name, raw).map_err(|_| Error::write_json())?;
    }
    // Even a removal that finds nothing counts as a change.
    let mut unused = String::from("-");
    while session.contains_key(&unused) {
        unused.push('-');
    }
    session.remove(&unused);
    Ok(())
}

/// The members of a struct or a map, each as JSON text.
fn object(members: impl Serialize) -> Result<State, Error> {
    let text = serde_json::to_string(&members).map_err(|_| Error::write_json())?;
    if text == "null" {
        return Ok(State::new());
    }
    let members: std::collections::HashMap<String, Box<RawValue>> = serde_json::from_str(&text)
        .map_err(|_| Error::Json {
            message: "the members of a login must be a struct, a map with texts as keys, or ()"
                .into(),
        })?;
    let text = |(name, raw): (String, Box<RawValue>)| (name, raw.get().to_owned());
    Ok(members.into_iter().map(text).collect())
}
