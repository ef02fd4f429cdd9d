//! The internal commands, which carry the effects of changes to replicas and into the AOF.
//!
//! An internal command stores the same value as the primary, and decides nothing. Clients may not send
//! it. One more, `local`, carries nothing: the module calls it itself.

pub mod changes;
pub mod del;
pub mod local;
pub mod new;
pub mod put;
pub mod registry;
pub mod schema;
pub mod schema_del;
mod shared;
pub mod splice;
pub mod touch;
