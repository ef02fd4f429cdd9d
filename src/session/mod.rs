//! The session: its data, its version, its times and its end, and its two encodings. Nothing here
//! depends on Redis.
//!
//! `record` holds the session and each change of it, `numbers` its times and which of them are
//! believed, `timeouts` its end, and `value` the value of a
//! key, which is a session or an alias. `fields` encodes both, for `codec` (the saved form) and
//! `packed` (the form in memory). `delta` is what a change of the data touches beside it.
//!
//! Times are Unix time in milliseconds. A session has an absolute timeout (the deadline) and an
//! idle timeout (OWASP Session Management Cheat Sheet, "Session Expiration"); both, either or
//! neither may be set.

#[cfg(test)]
mod clock_tests;
pub mod codec;
#[cfg(test)]
mod codec_tests;
mod damage;
mod delta;
mod fields;
mod numbers;
pub mod packed;
mod record;
#[cfg(test)]
mod samples;
mod timeouts;
pub mod user_name;
mod value;

pub use damage::Damage;
pub use delta::Delta;
pub use numbers::AHEAD_MS;
pub use record::{NotBelieved, Session, UserAccess};
pub use timeouts::{sooner, Timeouts};
pub use value::{Alias, Value};
