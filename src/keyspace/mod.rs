//! Sessions as keys of the server: the native type, its RDB, AOF and memory callbacks, the
//! registry's persistence, the upkeep of the index of users, and the state of the process.

mod callbacks;
pub mod index;
pub mod info_section;
mod persist;
pub mod registration;
mod saved_registry;
pub mod session_type;
pub mod state;
