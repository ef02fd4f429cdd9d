//! The errors of decoding a session from its saved bytes.
//!
//! [`codec`](super::codec) and [`fields`](super::fields) return them; they hold nothing of a session,
//! so that they can be logged.

use crate::leb128::Malformed;

/// The reason why bytes are not a session: they are damaged, or a newer module wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The number of the format is unknown to this version of the module.
    UnknownFormat(u8),
    /// The bytes end too early.
    Truncated,
    /// There are bytes after the end of the value.
    TrailingBytes,
    /// A number is malformed or out of the range of its field.
    BadNumber,
    /// A name is empty, longer than 255 bytes, or not UTF-8.
    BadName,
    /// The data is not UTF-8, and so not JSON.
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
