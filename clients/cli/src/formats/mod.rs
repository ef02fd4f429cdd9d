//! What other session stores keep in Redis, as data and times. Pure: no server, no file.
//!
//! A format says which keys are its sessions, and reads one; each store has a file. Nothing here unpickles or
//! otherwise builds objects: what only another language's runtime can read is refused by name.

mod actix;
mod axum_session;
mod django;
mod express;
mod fastapi_redis_sdk;
mod flask_session;
mod flask_tags;
mod foreign;
mod format;
mod go;
mod json;
mod keys;
mod koa;
mod laravel;
mod msgpack;
mod registry;
mod ruby;
mod spring;
mod starsessions;
#[cfg(test)]
mod testing;
mod text_members;
mod times;
mod tower_sessions;

pub use format::{Entry, Field, Format, Id, Idle, Kept, Old, Refused, Stored};
pub use keys::{key_of, key_of_hash};
pub use registry::{all, canonical, Named, ALIASES};
