//! A schema that the application registers itself.

use super::sessions::Sessions;
use crate::{Connection, Error, ToJson};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A JSON Schema, its name, and how it is registered.
#[derive(Clone)]
pub struct SchemaDefinition {
    name: String,
    text: Result<String, Error>,
    assert_format: bool,
}

impl SchemaDefinition {
    /// The schema of this name.
    pub fn new(name: impl Into<String>, schema: impl ToJson) -> SchemaDefinition {
        SchemaDefinition {
            name: name.into(),
            text: schema.to_json(),
            assert_format: false,
        }
    }

    /// Checks `format` in every draft; without it only drafts 4, 6 and 7 do.
    pub fn assert_format(mut self) -> SchemaDefinition {
        self.assert_format = true;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn register<C: Connection>(&self, sessions: &Sessions<C>) -> Result<(), Error> {
        let text = self.text.as_ref().map_err(Error::clone)?;
        let set = sessions.schema().set(&self.name, crate::Json(text));
        if self.assert_format {
            set.assert_format().await
        } else {
            set.await
        }
    }
}

/// Registers a schema of the application with its first use, and again when the server says that it is gone, which it is
/// after a restart without persistence. So an application starts without a server, and need not be restarted with it.
///
/// A clone shares what it knows.
///
/// ```
/// use redis_session_client::commands::{Registration, SchemaDefinition};
/// use redis_session_client::{Error, Sessions};
/// use serde_json::json;
/// use std::future::IntoFuture;
///
/// # async fn example(url: String) -> Result<(), Error> {
/// # let client = redis::Client::open(url)?;
/// # let sessions = Sessions::new(client.get_multiplexed_async_connection().await?);
/// let schema = json!({"required": ["name"]});
/// let user = Registration::new(SchemaDefinition::new("user", schema));
/// let create = || {
///     let create = sessions.create("session:*", json!({"name": "ada"}));
///     create.schema(user.name()).into_future()
/// };
/// let made = user.with(&sessions, create).await?;
/// # assert!(sessions.verify(made.key).schema("user").await?.is_some());
/// # Ok(())
/// # }
/// # let server = support::Server::start();
/// # let runtime = tokio::runtime::Runtime::new().unwrap();
/// # runtime.block_on(example(format!("redis://127.0.0.1:{}", server.port()))).unwrap();
/// ```
#[derive(Clone)]
pub struct Registration {
    definition: Arc<SchemaDefinition>,
    /// Counts the registrations that succeeded. Held while one is under way, so that calls that fail at the same time
    /// register it once.
    registered: Arc<Mutex<u64>>,
}

impl Registration {
    /// Registers nothing yet.
    pub fn new(definition: SchemaDefinition) -> Registration {
        Registration {
            definition: Arc::new(definition),
            registered: Arc::default(),
        }
    }

    /// The name of the schema.
    pub fn name(&self) -> &str {
        self.definition.name()
    }

    /// Runs a command that needs the schema, and once more if the schema was gone.
    ///
    /// # Errors
    /// Those of the command, and of [`Schemas::set`](super::Schemas::set).
    pub async fn with<C, T, F>(
        &self,
        sessions: &Sessions<C>,
        mut command: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        C: Connection,
        F: Future<Output = Result<T, Error>>,
    {
        let known = self.register(sessions, 0).await?;
        match command().await {
            Err(Error::NoSchema { schema, .. }) if schema == self.name() => {
                self.register(sessions, known).await?;
                command().await
            }
            result => result,
        }
    }

    /// Registers the schema, unless somebody else has since the registration with this number.
    async fn register<C: Connection>(
        &self,
        sessions: &Sessions<C>,
        known: u64,
    ) -> Result<u64, Error> {
        let mut registered = self.registered.lock().await;
        if *registered == known {
            self.definition.register(sessions).await?;
            *registered += 1;
        }
        Ok(*registered)
    }
}
