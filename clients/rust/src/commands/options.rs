//! Options that several commands share. A macro for each group adds its methods to the commands that have it, so that
//! an option that a command does not have does not compile.

use crate::values::millis;
use crate::UnixMillis;
use redis::Cmd;
use std::time::Duration;

/// `[expiry]`: a deadline and an idle timeout.
#[derive(Clone, Default)]
pub(super) struct Expiry {
    pub deadline: Option<Deadline>,
    pub idle: Option<Duration>,
}

#[derive(Clone, Copy)]
pub(super) enum Deadline {
    In(Duration),
    At(UnixMillis),
    Never,
}

impl Expiry {
    pub fn write(&self, cmd: &mut Cmd) {
        match self.deadline {
            Some(Deadline::In(span)) => cmd.arg("PX").arg(millis(span)),
            Some(Deadline::At(time)) => cmd.arg("PXAT").arg(time.0),
            Some(Deadline::Never) => cmd.arg("PERSIST"),
            None => cmd,
        };
        if let Some(idle) = self.idle {
            cmd.arg("PIDLE").arg(millis(idle));
        }
    }
}

/// Methods for a field `expiry: Expiry`.
macro_rules! expiry_options {
    () => {
        /// The session ends so long after now, whatever is accessed. The last of `ends_in`, `ends_at` and
        /// `without_deadline` counts. Without any, a new session takes the server's `session.ttl`, and a live one
        /// keeps its deadline.
        pub fn ends_in(mut self, span: std::time::Duration) -> Self {
            self.expiry.deadline = Some(crate::commands::options::Deadline::In(span));
            self
        }

        /// The session ends at this time, by the server's clock.
        pub fn ends_at(mut self, time: impl Into<crate::UnixMillis>) -> Self {
            self.expiry.deadline = Some(crate::commands::options::Deadline::At(time.into()));
            self
        }

        /// The session has no deadline; with the server's `session.max-ttl`, that limit.
        pub fn without_deadline(mut self) -> Self {
            self.expiry.deadline = Some(crate::commands::options::Deadline::Never);
            self
        }

        /// The session ends so long after its last access; zero for no idle timeout. Without this option, a new
        /// session takes the server's `session.idle-timeout`, and a live one keeps its own.
        pub fn idle(mut self, span: std::time::Duration) -> Self {
            self.expiry.idle = Some(span);
            self
        }
    };
}

/// The user of a session, and the limit on the number of the user's sessions.
#[derive(Clone, Default)]
pub(super) struct Owner {
    pub user: Option<String>,
    pub max_sessions: Option<u64>,
    pub refuse: bool,
}

impl Owner {
    pub fn write(&self, cmd: &mut Cmd) {
        text(cmd, "USER", self.user.as_deref());
        if let Some(count) = self.max_sessions {
            cmd.arg("MAXSESSIONS").arg(count);
        }
        if self.refuse {
            cmd.arg("REFUSE");
        }
    }
}

/// Methods for a field `owner: Owner`.
macro_rules! owner_options {
    () => {
        /// The user whom the session belongs to, 1 to 512 bytes. The session counts as authenticated now.
        pub fn user(mut self, user: impl Into<String>) -> Self {
            self.owner.user = Some(user.into());
            self
        }

        /// Ends the user's least recently accessed sessions beyond this number, 1 or more. Needs `user`.
        pub fn max_sessions(mut self, count: u64) -> Self {
            self.owner.max_sessions = Some(count);
            self
        }

        /// Ends none: [`Error::TooMany`](crate::Error::TooMany) if the user has `max_sessions` live sessions already.
        pub fn refuse(mut self) -> Self {
            self.owner.refuse = true;
            self
        }
    };
}

/// A method for a field `schema: Option<String>`.
macro_rules! schema_option {
    () => {
        /// The schema that the data must satisfy, now and at every later write.
        pub fn schema(mut self, name: impl Into<String>) -> Self {
            self.schema = Some(name.into());
            self
        }
    };
}

/// A method for a field `if_version: Option<u64>`.
macro_rules! version_option {
    () => {
        /// Writes only if the session still has this version; else [`Error::Conflict`](crate::Error::Conflict).
        pub fn if_version(mut self, version: u64) -> Self {
            self.if_version = Some(version);
            self
        }
    };
}

/// A method for a field `token: bool`.
macro_rules! token_option {
    () => {
        /// Makes a bearer token, which goes into the cookie in the place of the key. The server keeps only its hash,
        /// of which the key is made.
        pub fn token(mut self) -> Self {
            self.token = true;
            self
        }
    };
}

pub(super) use {expiry_options, owner_options, schema_option, token_option, version_option};

/// An option with a text, if it is given.
pub(super) fn text(cmd: &mut Cmd, word: &str, value: Option<&str>) {
    if let Some(value) = value {
        cmd.arg(word).arg(value);
    }
}

/// IFVERSION, if it is given.
pub(super) fn version(cmd: &mut Cmd, version: Option<u64>) {
    if let Some(version) = version {
        cmd.arg("IFVERSION").arg(version);
    }
}

/// A list of texts that may be bytes, such as keys.
pub(super) fn bytes<T: AsRef<[u8]>>(values: impl IntoIterator<Item = T>) -> Vec<Vec<u8>> {
    values
        .into_iter()
        .map(|value| value.as_ref().to_vec())
        .collect()
}
