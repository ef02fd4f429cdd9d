//! What a key of the type holds: a session, or an alias that leads to one.

use super::Session;

/// What is left under a superseded ID while its grace lasts: no data, only the way to the session's
/// present key. Requests that were under way when the ID was rotated find their session by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The key that superseded this one.
    pub successor: Box<[u8]>,
    /// The last ms of the grace, Unix time.
    pub until: i64,
}

/// The in-memory value of a Redis key of type `session-1`.
#[derive(Debug, Clone)]
pub enum Value {
    /// A session.
    Session(Session),
    /// A superseded ID.
    Alias(Alias),
}

impl Value {
    /// When its key expires.
    pub fn end(&self) -> Option<i64> {
        match self {
            Self::Session(session) => session.end(),
            Self::Alias(alias) => Some(alias.until),
        }
    }

    /// The session, if it is one.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Alias(_) => None,
        }
    }

    /// The same, to change.
    pub fn session_mut(&mut self) -> Option<&mut Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Alias(_) => None,
        }
    }
    /// Whose session it is, if it is one and has a user.
    pub fn user(&self) -> Option<&str> {
        self.session().and_then(Session::user)
    }
}
