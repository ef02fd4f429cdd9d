//! The internal commands, which carry the effects of changes to replicas and into the AOF.
//!
//! An internal command stores the same value as the primary, and decides nothing. Clients may not send
//! it.

pub mod changes;
pub mod del;
pub mod put;
pub mod registry;
pub mod schema;
mod shared;
pub mod touch;
