//! redis-session: the session as a native Redis data type.
//!
//! This file declares the module: its commands, its type, its section of INFO and its event handlers,
//! and the function that the server calls to load it. It has no logic of its own.
//!
//! The layers, from the top down: `commands` has one file for each command, `engine` the steps that
//! commands share, `keyspace` the native type, whose values are sessions, and `server` the calls of the
//! module API. [`session`], [`users`], [`schema`] and [`json`] do not depend on Redis.
//! `docs/architecture.md` explains them.

pub mod id;
pub mod json;
pub mod schema;
pub mod session;
pub mod slots;
pub mod users;

/// The command table, for tests that compare the server and docs/commands.md with it.
pub mod table {
    pub use crate::commands::TABLE;
    pub use crate::server::command_spec::{ArgSpec, KeyRange, Keys, Kind, Repeat, Spec};
}

mod commands;
mod config;
mod cpu_time;
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

static MODULE: server::load::Declaration = server::load::Declaration {
    commands: commands::TABLE,
    types: keyspace::registration::register,
    info: keyspace::info_section::fill,
    events: server::subscriptions::EventHandlers {
        loading: keyspace::state::clear_registry,
        flushing: keyspace::index::flushing,
        swapped: keyspace::index::swapped,
        arrived: keyspace::index::arrived,
        loaded: keyspace::index::loaded,
        expired: keyspace::index::expired,
        evicted: keyspace::index::evicted,
        trimmed: keyspace::index::trimmed,
    },
};

/// The function that the server calls when it loads the module.
///
/// # Safety
/// Only the server may call it, once, with a valid context and `argc` valid strings.
#[no_mangle]
#[allow(non_snake_case)]
pub unsafe extern "C" fn RedisModule_OnLoad(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: this is the module's load function, and the arguments are the server's (the caller's
    // promise).
    unsafe { server::load::load(ctx, argv, argc, &MODULE) }
}
