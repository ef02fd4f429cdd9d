//! What a session is: its data, its version, its times, and when it ends. Knows nothing of Redis.
//!
//! Times are Unix time in milliseconds. A session has an absolute timeout (the deadline) and an
//! idle timeout (OWASP Session Management Cheat Sheet, "Session Expiration"); both, either or
//! neither may be set.

pub mod codec;
mod damage;
mod fields;
pub mod packed;
mod record;
#[cfg(test)]
mod samples;
mod timeouts;
mod value;

pub use record::{Session, MAX_VERSION};
pub use timeouts::{Timeouts, USER_TOUCH_INTERVAL_MS};
pub use value::{Alias, Value};
