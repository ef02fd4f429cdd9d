//! What other session stores keep in Redis, as data and times. Pure: no server, no file.
//!
//! A format says which keys are its sessions, and reads one; each store has a file. Nothing here unpickles or
//! otherwise builds objects: what only another language's runtime can read is refused by name.

mod express;
mod flask_session;
mod flask_tags;
mod foreign;
mod format;
mod json;
mod keys;
mod msgpack;
mod registry;
mod starsessions;
mod times;

pub use format::{Entry, Format, Id, Idle, Kept, Old, Refused, Stored};
pub use keys::key_of;
pub use registry::{all, Named};
