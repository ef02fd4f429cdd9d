//! Loads the module: registers all its parts with the server, in an order that the server needs, and
//! refuses to load with a reason in the log.

use super::args::Args;
use super::command_spec::Spec;
use super::context::Ctx;
use super::guard::guarded;
use super::info::{self, InfoSection};
use super::subscriptions::{self, EventHandlers};
#[cfg(debug_assertions)]
use super::test_hooks;
use super::{aof_preamble, cluster, log, options, register, settings, ERR, OK};
use crate::config;
use redis_module::raw::{self, RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;

/// The parts of a module, as the crate's root declares them.
pub struct Declaration {
    /// Every command.
    pub commands: &'static [Spec],
    /// Registers the native types; returns [`OK`] or [`ERR`].
    pub types: unsafe fn(*mut RedisModuleCtx) -> c_int,
    /// Fills the section of INFO.
    pub info: fn(&InfoSection),
    /// Handles events.
    pub events: EventHandlers,
}

/// The version that MODULE LIST shows: major * 10000 + minor * 100 + patch.
const VERSION: c_int = 10_200;

/// Loads the module. Returns [`OK`] or [`ERR`]; the log has the reason of a failure.
///
/// # Safety
/// For the module's load function, with the arguments that the server gave it.
pub unsafe fn load(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
    module: &'static Declaration,
) -> c_int {
    // This comes first: it sets the function pointers of the module API, the allocator's included.
    // SAFETY: the context is the server's, and the name is static.
    let initialised = unsafe {
        raw::Export_RedisModule_Init(
            ctx,
            c"session".as_ptr(),
            VERSION,
            raw::REDISMODULE_APIVER_1 as c_int,
        )
    };
    if initialised != OK {
        return ERR;
    }
    log::log_panics();
    guarded(ERR, || {
        // SAFETY: the context and the arguments are the server's (the caller's promise), and valid
        // until this function returns.
        match unsafe { register_all(ctx, Args::new(argv, argc, 0), module) } {
            Ok(()) => OK,
            Err(why) => {
                log::warning(&format!("cannot load: {why}"));
                ERR
            }
        }
    })
}

/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
unsafe fn register_all(
    ctx: *mut RedisModuleCtx,
    args: Args<'_>,
    module: &'static Declaration,
) -> Result<(), String> {
    // SAFETY: the function pointers are only tested here, and nothing writes them any more.
    let supported = unsafe {
        { raw::RedisModule_RegisterNumericConfig }.is_some()
            && { raw::RedisModule_CreateSubcommand }.is_some()
            && { raw::RedisModule_SetCommandInfo }.is_some()
    };
    if !supported {
        return Err("this module needs Redis 7.0 or later, or Valkey".to_owned());
    }
    let arguments: Vec<&[u8]> = args.map(|arg| arg.bytes()).collect();
    let defaults = config::from_arguments(&arguments)?;
    // SAFETY: the context is that of the load function (the caller's promise), as each of these
    // functions demands.
    unsafe {
        if (module.types)(ctx) != OK {
            return Err("the server refused the type session-1".to_owned());
        }
        register::commands(ctx, module.commands)?;
        #[cfg(debug_assertions)]
        test_hooks::register(ctx)?;
        settings::register(ctx, defaults)?;
        options::set(ctx);
        if !(info::register(ctx, module.info) && subscriptions::subscribe(ctx, &module.events)) {
            return Err("the server refused the event handlers".to_owned());
        }
        aof_preamble::warn_if_off(Ctx::new(ctx));
    }
    cluster::read_mode();
    Ok(())
}
