//! Values that cannot be read here, known by how they begin: those that only another language's runtime can read,
//! those that are compressed, and ciphertext.

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

/// Whether this begins as gob: the length of a message, which then begins with the definition of a type, whose number
/// is negative.
pub fn is_gob(value: &[u8]) -> bool {
    let (length, rest) = match value {
        [length @ 1..=0x7f, rest @ ..] => (usize::from(*length), rest),
        [0xff, length, rest @ ..] => (usize::from(*length), rest),
        [0xfe, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return false,
    };
    // The numbers of types begin at 64, so the first byte is never one of JSON.
    let negative = matches!(rest, [0x7f, ..]) || matches!(rest, [0xff, low, ..] if low % 2 == 1);
    negative && rest.len() >= length
}

/// Whether this is an array, an object or another value in the form of PHP's `serialize`.
pub fn is_php(value: &[u8]) -> bool {
    matches!(value, [b'a' | b'O' | b's' | b'i' | b'b' | b'd', b':', ..]) || value == b"N;"
}

/// The compressor of django-redis that wrote this. No MessagePack of a map and no JSON begins like one.
pub fn compressor(value: &[u8]) -> Option<&'static str> {
    match value {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("lzma"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some("lz4"),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some("zlib"),
        _ => None,
    }
}

/// Whether this is a longer text in base64, as ciphertext is kept. JSON of an object is none.
pub fn is_base64(value: &[u8]) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    value.len() >= 16 && value.iter().all(digit)
}
