//! Why bytes are not a session.

use crate::leb128::Malformed;

/// Why bytes are not a session: they are damaged, or a newer module wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The format's number is not one that this module knows.
    UnknownFormat(u8),
    /// The bytes end too early.
    Truncated,
    /// Something stands behind the end.
    TrailingBytes,
    /// A number that is no number, or out of its range.
    BadNumber,
    /// A name that is empty, over 255 bytes, or not UTF-8.
    BadName,
    /// Data that is not UTF-8, and so no JSON.
    BadData,
}

impl From<Malformed> for Damage {
    fn from(why: Malformed) -> Self {
        match why {
            Malformed::Truncated => Self::Truncated,
            Malformed::TooLarge => Self::BadNumber,
        }
    }
}
