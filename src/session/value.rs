//! What a key of the type holds: a session, or an alias that leads to one.

use super::record::Session;

/// What is left under a superseded ID while its grace lasts: no data, only the way to the session's
/// present key. Requests that were under way when the ID was rotated find their session by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias<'a> {
    /// The key that superseded this one.
    pub successor: &'a [u8],
    /// The last ms of the grace, Unix time.
    pub until: i64,
}

/// What a Redis key of type `session-1` stands for.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A session.
    Session(Session<'a>),
    /// A superseded ID.
    Alias(Alias<'a>),
}

impl<'a> Value<'a> {
    /// When its key expires.
    pub fn end(&self) -> Option<i64> {
        match self {
            Self::Session(session) => session.end(),
            Self::Alias(alias) => Some(alias.until),
        }
    }

    /// The session, if it is one.
    pub fn session(&self) -> Option<Session<'a>> {
        match self {
            Self::Session(session) => Some(*session),
            Self::Alias(_) => None,
        }
    }

    /// Whose session it is, if it is one and has a user.
    pub fn user(&self) -> Option<&'a str> {
        self.session().and_then(|session| session.user())
    }
}
