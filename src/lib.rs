//! redis-session: the session as a native Redis data type.
//!
//! The module's declaration. What a session is stands in [`session`], what each command does in
//! `commands`, and everything that touches the server in `server` and `types`.

pub mod id;
pub mod json;
pub mod schema;
pub mod session;

mod commands;
mod config;
mod error;
mod server;
mod stats;
mod types;

use redis_module::raw::{RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;

#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: server::alloc::ServerAlloc = server::alloc::ServerAlloc;

static MODULE: server::load::Module = server::load::Module {
    commands: commands::TABLE,
    types: types::register,
    info: commands::info_section,
    loading: commands::state::clear_registry,
    loaded: commands::loaded,
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
    unsafe { server::load::module(ctx, argv, argc, &MODULE) }
}
