//! The store: the trait of actix-session on the engine that all stores share.

use super::request;
use crate::store::{Deadline, Engine, Members, Options, Rotation, Times};
use crate::{Connection, Error};
use actix_session::storage::{
    generate_session_key, LoadError, SaveError, SessionKey, SessionStore, UpdateError,
};
use actix_web::cookie::time;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// So many random keys are tried before the store gives up.
const ATTEMPTS: usize = 8;

/// Members of a session, each with the JSON text of its value.
pub(super) type State = Members<String>;

/// Keeps the sessions of actix-session in the module. See the [module](super).
pub struct RedisSessionStore<C> {
    pub(super) engine: Arc<Engine<C>>,
}

impl<C: Connection> RedisSessionStore<C> {
    /// A store over this connection, with the default options. Nothing is sent before the first request.
    pub fn new(connection: C) -> RedisSessionStore<C> {
        RedisSessionStore::with_options(connection, Options::default())
    }

    /// A store with these options.
    pub fn with_options(connection: C, options: Options) -> RedisSessionStore<C> {
        RedisSessionStore {
            engine: Arc::new(Engine::new(connection, options)),
        }
    }

    /// The times of a session that was changed or used: what the middleware calls the ttl is its idle timeout.
    fn times(&self, ttl: &time::Duration) -> Result<Times, Error> {
        let ttl = Duration::try_from(*ttl).unwrap_or_default();
        if ttl.is_zero() {
            return Err(Error::Usage {
                message: "the ttl of a session must be longer than zero",
            });
        }
        let limit = self.engine.options.idle;
        Ok(Times {
            deadline: None,
            idle: Some(limit.map_or(ttl, |limit| limit.min(ttl))),
        })
    }

    /// Creates a session under a random key. `times` are those of a live one.
    pub(super) async fn create(
        &self,
        state: &State,
        times: Times,
        user: Option<&str>,
    ) -> Result<String, Error> {
        let times = Times {
            deadline: Some(match self.engine.options.lifetime {
                Some(lifetime) => Deadline::In(lifetime),
                None => Deadline::Never,
            }),
            ..times
        };
        for _ in 0..ATTEMPTS {
            let id = String::from(generate_session_key());
            if self.engine.create(&id, state, times, user).await? {
                return Ok(id);
            }
        }
        Err(no_id())
    }

    /// Gives a live session a random key, in a cluster one in the same slot, and makes the changes of a login.
    pub(super) async fn rotate(
        &self,
        old: &str,
        user: Option<&str>,
        members: &State,
    ) -> Result<String, Error> {
        let rotation = Rotation {
            times: Times::default(),
            user,
            members,
        };
        let old_key = self.engine.keys.of(old);
        for _ in 0..ATTEMPTS {
            let generated = String::from(generate_session_key());
            let id = self.engine.keys.id_beside(&old_key, &generated);
            if self.engine.rotate(old, &id, &rotation).await? {
                return Ok(id);
            }
        }
        Err(no_id())
    }

    async fn save_new(&self, state: State, ttl: &time::Duration) -> Result<String, Error> {
        let times = self.times(ttl)?;
        if let Some(id) = request::moved() {
            self.engine.save(&id, &state, times).await?;
            return Ok(id);
        }
        if let Some(old) = request::take_renewing() {
            self.engine.save(&old, &state, times).await?;
            return self.rotate(&old, None, &State::new()).await;
        }
        self.create(&state, times, None).await
    }

    async fn save_live(
        &self,
        id: &str,
        state: State,
        ttl: &time::Duration,
    ) -> Result<String, Error> {
        let times = self.times(ttl)?;
        let id = request::moved().unwrap_or_else(|| id.to_owned());
        self.engine.save(&id, &state, times).await?;
        Ok(id)
    }
}

fn no_id() -> Error {
    Error::Server {
        code: "ERR".into(),
        message: "no session key could be found that is not taken".into(),
    }
}

/// Logs an error, which the middleware of actix-session shows to nobody, and notes whether the server is to blame.
fn told(operation: &str, error: Error) -> Error {
    match &error {
        Error::NoSession { .. } => return error, // the engine has logged it
        Error::Unavailable { .. } | Error::ModuleMissing { .. } => request::note_unavailable(),
        _ => {}
    }
    tracing::error!(operation, %error, "a session could not be loaded or stored");
    error
}

/// An ID as actix-session takes it. The IDs of this store are short enough for it.
fn key(id: String) -> anyhow::Result<SessionKey> {
    Ok(SessionKey::try_from(id)?)
}

impl<C: Connection> SessionStore for RedisSessionStore<C> {
    /// The members of a live session. Not an access: the middleware says what counts as one.
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let id = session_key.as_ref();
        let loaded = self.engine.peek(id).await;
        let loaded = loaded.map_err(|error| LoadError::Other(told("load", error).into()))?;
        if loaded.is_some() {
            request::note_loaded(id);
        }
        Ok(loaded.map(|loaded| loaded.members))
    }

    /// Creates a session under a random key that no session has.
    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let saved = self.save_new(state, ttl).await;
        match saved.map_err(|error| told("save", error)) {
            Ok(id) => key(id).map_err(SaveError::Other),
            Err(error @ Error::Json { .. }) => Err(SaveError::Serialization(error.into())),
            Err(error) => Err(SaveError::Other(error.into())),
        }
    }

    /// Saves a live session. If it has ended, that is an error, and nothing is created.
    async fn update(
        &self,
        session_key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let updated = self.save_live(session_key.as_ref(), state, ttl).await;
        match updated.map_err(|error| told("update", error)) {
            Ok(id) => key(id).map_err(UpdateError::Other),
            Err(error @ Error::Json { .. }) => Err(UpdateError::Serialization(error.into())),
            Err(error) => Err(UpdateError::Other(error.into())),
        }
    }

    /// Records that a live session was used, from which its time begins anew.
    ///
    /// If it has ended, that is an error. Otherwise the middleware would set the cookie of the ended session, over
    /// one that a login in another request has set.
    async fn update_ttl(
        &self,
        session_key: &SessionKey,
        ttl: &time::Duration,
    ) -> anyhow::Result<()> {
        let times = self.times(ttl)?;
        let touched = self.engine.touch(session_key.as_ref(), times).await;
        Ok(touched.map_err(|error| told("update_ttl", error))?)
    }

    /// Ends the session, if there is one.
    async fn delete(&self, session_key: &SessionKey) -> anyhow::Result<()> {
        if request::note_renewing(session_key.as_ref()) {
            return Ok(()); // `save` comes next, and renews it
        }
        let id = request::moved().unwrap_or_else(|| session_key.as_ref().to_owned());
        let ended = self.engine.end(&id).await;
        Ok(ended.map_err(|error| told("delete", error))?)
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
