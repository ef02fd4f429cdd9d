//! The value of a key of type `session-1`: a session, or an alias that leads to one.

use super::record::{Session, UserAccess};

/// What a rotation with GRACE leaves under the old key: no data, only the name of the new key. With
/// it, requests that were under way during the rotation still find their session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias<'a> {
    /// The name of the new key.
    pub successor: &'a [u8],
    /// The last millisecond of the grace period, in Unix time.
    pub until: i64,
}

/// A value of type `session-1`.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A session.
    Session(Session<'a>),
    /// An alias under a superseded ID.
    Alias(Alias<'a>),
}

impl<'a> Value<'a> {
    /// When the key expires, in Unix ms.
    pub fn end(&self) -> Option<i64> {
        match self {
            Self::Session(session) => session.end(),
            Self::Alias(alias) => Some(alias.until),
        }
    }

    /// The session, if the value is one.
    pub fn session(&self) -> Option<Session<'a>> {
        match self {
            Self::Session(session) => Some(*session),
            Self::Alias(_) => None,
        }
    }

    /// The session's user, if the value is a session and has one.
    pub fn user(&self) -> Option<&'a str> {
        self.session().and_then(|session| session.user())
    }

    /// The session's user and its last access, if the value is a session and has a user.
    pub fn user_access(&self) -> Option<UserAccess<'a>> {
        self.session().and_then(|session| session.user_access())
    }
}
