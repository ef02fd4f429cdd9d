//! When a session ends, as the frameworks say it.

use std::time::Duration;

/// The deadline and the idle timeout that a write sets; `None` keeps what the session has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) deadline: Option<Deadline>,
    /// Zero for no idle timeout.
    pub(crate) idle: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// So long after now, by the server's clock.
    In(Duration),
    /// At this Unix time in ms.
    #[cfg(feature = "tower-sessions")]
    At(i64),
    /// None but the server's `session.max-ttl`.
    #[cfg(feature = "actix-session")]
    Never,
}

impl Times {
    /// The deadline as a Unix time in ms, if it is given as one.
    pub(crate) fn fixed(&self) -> Option<i64> {
        match self.deadline {
            #[cfg(feature = "tower-sessions")]
            Some(Deadline::At(time)) => Some(time),
            _ => None,
        }
    }
}

/// Gives a command these times. The commands have the same methods, but no trait in common.
macro_rules! timed {
    ($command:expr, $times:expr) => {{
        use $crate::store::times::Deadline;
        let command = $command;
        let command = match $times.deadline {
            Some(Deadline::In(span)) => command.ends_in(span),
            #[cfg(feature = "tower-sessions")]
            Some(Deadline::At(time)) => command.ends_at(time),
            #[cfg(feature = "actix-session")]
            Some(Deadline::Never) => command.without_deadline(),
            None => command,
        };
        match $times.idle {
            Some(span) => command.idle(span),
            None => command,
        }
    }};
}

/// Gives a command that takes it the schema, if there is one.
macro_rules! checked_by {
    ($command:expr, $schema:expr) => {{
        let command = $command;
        match $schema {
            Some(name) => command.schema(name),
            None => command,
        }
    }};
}

/// Gives a command the user, and the limit of the store on the user's sessions.
macro_rules! owned_by {
    ($command:expr, $engine:expr, $user:expr) => {{
        let command = $command.user($engine.name_of($user));
        match ($engine.options.max_sessions, $engine.options.refuse) {
            (None, _) => command,
            (Some(count), false) => command.max_sessions(count),
            (Some(count), true) => command.max_sessions(count).refuse(),
        }
    }};
}

pub(super) use {checked_by, owned_by, timed};
