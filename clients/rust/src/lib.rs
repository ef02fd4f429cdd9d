//! Sessions of the module redis-session, for Rust applications.
//!
//! Layers, from the top down: `tower_sessions` and `actix_session` are stores for these frameworks; `store`
//! is what they share; `commands` has every command of the module with its options; `replies` has what they
//! return; `connection` is what all of them need of redis-rs.
#![warn(missing_docs)]

pub mod commands;
pub mod connection;
mod error;
pub mod replies;
#[cfg(any(feature = "tower-sessions", feature = "actix-session"))]
mod store;
#[cfg(feature = "tower-sessions")]
pub mod tower_sessions;
mod values;

pub use commands::Sessions;
pub use connection::Connection;
pub use error::{Error, Violation};
pub use replies::{Created, Field, FieldValue, Info, Listed, SchemaEntry, Session, Values};
#[cfg(any(feature = "tower-sessions", feature = "actix-session"))]
pub use store::{Options as StoreOptions, UserSession};
pub use values::{Json, ToJson, UnixMillis};
