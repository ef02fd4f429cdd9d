//! What all sessions of one store have in common: the connection, the keys, the options, and how a command is sent.
//!
//! The operations on sessions are in the other files of this folder, each as an `impl` of [`Engine`].

use super::keys::Keys;
use super::options::Options;
use crate::commands::{Registration, Sending};
use crate::{Connection, Error, Sessions};
use std::future::{Future, IntoFuture};
use std::sync::Arc;

/// What all clones of a store share.
#[derive(Clone)]
pub(crate) struct Engine<C> {
    pub(crate) sessions: Sessions<C>,
    pub(crate) keys: Keys,
    pub(crate) options: Arc<Options>,
    registration: Option<Registration>,
}

impl<C: Connection> Engine<C> {
    pub(crate) fn new(connection: C, options: Options) -> Engine<C> {
        Engine {
            keys: Keys::new(&options.prefix, connection.is_cluster()),
            sessions: Sessions::new(connection),
            registration: options.definition.clone().map(Registration::new),
            options: Arc::new(options),
        }
    }

    /// What the server calls the user.
    pub(super) fn name_of(&self, user: &str) -> String {
        let options = &self.options;
        let prefix = options.user_prefix.as_ref().unwrap_or(&options.prefix);
        format!("{prefix}{user}")
    }

    /// Sends a write that names the schema of the store. A schema that the store defines is registered if the server
    /// does not have it, as after a restart without persistence.
    pub(super) async fn with_schema<T>(
        &self,
        write: impl Fn(Option<&str>) -> Sending<T>,
    ) -> Result<T, Error> {
        let write = || write(self.options.schema.as_deref());
        match &self.registration {
            None => self.in_time(write()).await,
            Some(registration) => self.in_time(registration.with(&self.sessions, write)).await,
        }
    }

    /// Sends a command.
    pub(super) async fn send<T>(
        &self,
        command: impl IntoFuture<IntoFuture = Sending<T>, Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.in_time(command.into_future()).await
    }

    /// Waits for a reply no longer than the store's time-out.
    async fn in_time<T>(&self, reply: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let timeout = self.options.timeout;
        match tokio::time::timeout(timeout, reply).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable {
                reason: "TIMEOUT".into(),
                message: format!("no answer within {} ms", timeout.as_millis()),
            }),
        }
    }
}
