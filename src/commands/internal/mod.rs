//! The internal commands, by which replicas and the AOF take a change over as it was, with nothing
//! left to decide.

mod effect;
pub mod put;
pub mod registry;
pub mod schema;
pub mod touch;
