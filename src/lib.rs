//! redis-session: the session as a native Redis data type.
//!
//! The module's declaration. What a session is stands in [`session`], what each command does in
//! `commands`, and everything that touches the server in `server` and `types`.

pub mod id;
pub mod json;
pub mod schema;
pub mod session;
pub mod slots;
pub mod users;

/// The command table, for the tests that hold the server and the reference against it.
pub mod table {
    pub use crate::commands::TABLE;
    pub use crate::server::command::{ArgSpec, KeyRange, Keys, Kind, Repeat, Spec};
}

mod commands;
mod config;
mod error;
mod integer;
mod server;
mod stats;
mod types;

#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: server::alloc::ServerAlloc = server::alloc::ServerAlloc;

static MODULE: server::load::Module = server::load::Module {
    commands: commands::TABLE,
    types: types::register,
    info: commands::info_section,
    events: server::events::Handlers {
        loading: commands::state::clear_registry,
        flushing: commands::index::flushing,
        swapped: commands::index::swapped,
        arrived: commands::index::arrived,
        loaded: commands::index::loaded,
        expired: commands::index::expired,
        evicted: commands::index::evicted,
    },
    loaded: commands::loaded,
};
