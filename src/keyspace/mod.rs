//! Sessions as keys of the server: the native type and its callbacks (memory, RDB, AOF), the
//! persistence of the schema registry, the upkeep of the index of users, and the state of the
//! process.
//!
//! The server calls most of this, by the callbacks that `registration` and the module's event
//! handlers name. Nothing here decides what a command does.

mod callbacks;
pub mod index;
pub mod info_section;
mod persist;
pub mod registration;
pub mod saved_registry;
pub mod session_type;
pub mod state;
