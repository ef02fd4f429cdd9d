//! The options that the stores of all frameworks have in common.

use crate::commands::SchemaDefinition;
use std::fmt;
use std::time::Duration;

/// How a store keeps its sessions.
///
/// ```
/// use redis_session_client::StoreOptions;
/// use std::time::Duration;
///
/// let options = StoreOptions::new()
///     .prefix("shop:session:")
///     .user_prefix("shop:")
///     .idle_timeout(Duration::from_secs(1800))
///     .max_sessions(5);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Options {
    pub(crate) prefix: String,
    pub(crate) user_prefix: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) definition: Option<SchemaDefinition>,
    pub(crate) idle: Option<Duration>,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) max_sessions: Option<u64>,
    pub(crate) refuse: bool,
    pub(crate) timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            prefix: "session:".into(),
            user_prefix: None,
            schema: None,
            definition: None,
            idle: None,
            lifetime: None,
            max_sessions: None,
            refuse: false,
            timeout: Duration::from_secs(2),
        }
    }
}

impl Options {
    /// The defaults: prefix `session:`, a time-out of two seconds, and no schema or limit.
    pub fn new() -> Options {
        Options::default()
    }

    /// What the keys of all sessions begin with. Default: `session:`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Options {
        self.prefix = prefix.into();
        self
    }

    /// What the server sees before the name of a user, so that two applications do not share users. Default: the
    /// prefix of the keys.
    pub fn user_prefix(mut self, prefix: impl Into<String>) -> Options {
        self.user_prefix = Some(prefix.into());
        self
    }

    /// The schema that every session must satisfy. It must be registered on the server; see
    /// [`define_schema`](Options::define_schema).
    pub fn schema(mut self, name: impl Into<String>) -> Options {
        self.schema = Some(name.into());
        self.definition = None;
        self
    }

    /// As [`schema`](Options::schema), with its definition. The store registers it before its first write, and
    /// again if the server has lost it.
    pub fn define_schema(mut self, definition: SchemaDefinition) -> Options {
        self.schema = Some(definition.name().to_owned());
        self.definition = Some(definition);
        self
    }

    /// How long a session lives without being used, beside what the framework says. Default: no limit.
    ///
    /// # Panics
    /// If it is shorter than a millisecond.
    pub fn idle_timeout(mut self, timeout: Duration) -> Options {
        self.idle = Some(whole("the idle timeout", timeout));
        self
    }

    /// How long a session lives in all, from its creation, however much it is used. Default: no limit but the
    /// server's `session.max-ttl`.
    ///
    /// # Panics
    /// If it is shorter than a millisecond.
    pub fn lifetime(mut self, lifetime: Duration) -> Options {
        self.lifetime = Some(whole("the lifetime", lifetime));
        self
    }

    /// How many sessions a user may have. A login beyond them ends the least recently used. Default: no limit.
    ///
    /// In a cluster only the sessions in the slot of the new one count.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn max_sessions(mut self, count: u64) -> Options {
        assert!(count > 0, "max_sessions must be 1 or more");
        self.max_sessions = Some(count);
        self
    }

    /// At [`max_sessions`](Options::max_sessions) refuses a login with [`Error::TooMany`](crate::Error::TooMany), and ends
    /// no session.
    pub fn refuse(mut self) -> Options {
        self.refuse = true;
        self
    }

    /// How long to wait for an answer of the server. Default: two seconds.
    ///
    /// The connection has a time-out of its own, by default half a second in redis-rs; the shorter one counts.
    ///
    /// # Panics
    /// If it is shorter than a millisecond.
    pub fn timeout(mut self, timeout: Duration) -> Options {
        self.timeout = whole("the time-out", timeout);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("prefix", &self.prefix)
            .field("user_prefix", &self.user_prefix)
            .field("schema", &self.schema)
            .field("idle_timeout", &self.idle)
            .field("lifetime", &self.lifetime)
            .field("max_sessions", &self.max_sessions)
            .field("refuse", &self.refuse)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn whole(what: &str, time: Duration) -> Duration {
    assert!(time.as_millis() > 0, "{what} must be a millisecond or more");
    time
}
