//! Sessions of the module redis-session, for Rust applications.
//!
//! Layers, from the top down: `tower_sessions` and `actix_session` are stores for these frameworks; `store`
//! is what they share; `commands` has every command of the module with its options and replies; `connection`
//! is what all of them need of redis-rs.

pub mod commands;
pub mod connection;
mod error;

pub use commands::Sessions;
pub use connection::Connection;
pub use error::Error;
