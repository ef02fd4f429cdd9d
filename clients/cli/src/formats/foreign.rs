//! Values that only another language's runtime can read, known by how they begin.

use super::format::Refused;

pub const PICKLE: Refused = Refused::Runtime("Python's pickle");
pub const MARSHAL: Refused = Refused::Runtime("Ruby's Marshal");
pub const JAVA: Refused = Refused::Runtime("Java's serialization");
pub const GOB: Refused = Refused::Runtime("Go's gob");
pub const PHP: Refused = Refused::Runtime("PHP's serialize");

/// Whether this is pickle. No MessagePack of a map and no JSON begins like it.
pub fn is_pickle(value: &[u8]) -> bool {
    match value {
        // PROTO; alone, 0x80 is an empty map in MessagePack.
        [0x80, 0..=5, ..] => true,
        // A dict in protocols 0 and 1, with their STOP.
        [b'(' | b'}', .., b'.'] => true,
        _ => false,
    }
}

/// Whether this is Ruby's Marshal, version 4.
pub fn is_marshal(value: &[u8]) -> bool {
    matches!(value, [4, 0..=8, ..])
}

/// Whether this is a stream of Java's ObjectOutputStream.
pub fn is_java(value: &[u8]) -> bool {
    matches!(value, [0xac, 0xed, 0, 5, ..])
}
