//! Why bytes are not a session.

use crate::leb128::Malformed;

/// Why bytes are not a session: they are damaged, or a newer module wrote them.
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
