//! The data of all measurements: two sessions of different kinds, so that nothing is tuned to one, in
//! several sizes.

pub mod random;
pub mod shop;
mod token;

pub use shop::SHOP;
pub use token::TOKEN;

/// The sizes of the data in bytes.
pub const SIZES: [usize; 4] = [290, 1024, 4096, 16384];

/// A kind of data. In `patch`, redis-benchmark replaces `__rand_int__` by a number of twelve digits.
#[derive(Clone, Copy)]
pub struct Payload {
    /// The name of the kind and of its schema.
    pub name: &'static str,
    /// The text of its schema.
    pub schema: &'static str,
    /// The text of a second schema, which VERIFY names. The module remembers its verdict on a session until
    /// the session's data changes, so VERIFY seldom runs it.
    pub second: &'static str,
    /// Data of exactly this many bytes, at least 290; always the same.
    pub text: fn(usize) -> String,
    /// Data of about this many bytes, different for each number.
    pub varied: fn(usize, u32) -> String,
    /// A merge patch (RFC 7396) of one member. The length of the data stays the same.
    pub patch: &'static str,
    /// The JSON Pointer of this member.
    pub pointer: &'static str,
    /// The path of this member for RedisJSON.
    pub path: &'static str,
}

/// The name of the second schema.
pub const SECOND: &str = "second";

/// Both kinds.
pub const ALL: [Payload; 2] = [SHOP, TOKEN];
