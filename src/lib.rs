//! redis-session: the session as a native Redis data type.
//!
//! The module's declaration. What a session is stands in [`session`], what each command does in
//! `commands`, and everything that touches the server in `keyspace` and `server`.

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
mod engine;
mod error;
mod integer;
mod keyspace;
mod leb128;
mod server;
mod stats;

use redis_module::raw::{RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;

#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: server::alloc::ServerAlloc = server::alloc::ServerAlloc;

static MODULE: server::load::Module = server::load::Module {
    commands: commands::TABLE,
    types: keyspace::registration::register,
    info: keyspace::info_section::fill,
    events: server::events::Handlers {
        loading: keyspace::state::clear_registry,
        flushing: keyspace::index::flushing,
        swapped: keyspace::index::swapped,
        arrived: keyspace::index::arrived,
        loaded: keyspace::index::loaded,
        expired: keyspace::index::expired,
        evicted: keyspace::index::evicted,
    },
};

/// The function that the server calls when it loads the module.
///
/// # Safety
/// For the server alone to call.
#[no_mangle]
#[allow(non_snake_case)]
pub unsafe extern "C" fn RedisModule_OnLoad(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: the arguments are the server's own.
    unsafe { server::load::load(ctx, argv, argc, &MODULE) }
}
