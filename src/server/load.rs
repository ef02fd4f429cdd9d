//! Loading the module: what it asks of the server, in order, and what makes it refuse to load.

use super::args::Args;
use super::command::Spec;
use super::events::{self, Handlers};
use super::info::Info;
use super::{api, cluster, log, register, ERR, OK};
use crate::config::{self, Setting, SETTINGS};
use redis_module::raw::{self, RedisModuleCtx, RedisModuleInfoCtx, RedisModuleString};
use std::ffi::{c_char, c_void};
use std::os::raw::{c_int, c_longlong, c_uint};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::OnceLock;

/// What a module is made of.
pub struct Module {
    /// Every command.
    pub commands: &'static [Spec],
    /// Registers the native types.
    pub types: unsafe fn(*mut RedisModuleCtx) -> c_int,
    /// Fills the section of INFO.
    pub info: fn(&Info),
    /// Called when the server has something to tell.
    pub events: Handlers,
}

/// The version that MODULE LIST shows: major * 10000 + minor * 100 + patch.
const VERSION: c_int = 10_000;

/// Lets MIGRATESLOTS of Valkey 9 move slots that hold sessions. Newer than the header.
const ATOMIC_SLOT_MIGRATION: c_int = 1 << 5;
/// `REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED`; the bindings leave it out.
const NO_IMPLICIT_SIGNAL_MODIFIED: c_int = 1 << 1;

/// Loads the module: registers all that it is made of. Gives what the module API returns for success
/// or failure; the log has the reason of a failure.
///
/// # Safety
/// For the load function of the module, with the arguments that the server gave it.
pub unsafe fn load(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
    module: &'static Module,
) -> c_int {
    // This comes first: before it there is no allocator.
    // SAFETY: the context is the server's; the name lives forever.
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
    // SAFETY: context and arguments are the server's, valid until this function returns.
    let outcome = catch_unwind(AssertUnwindSafe(|| unsafe {
        register_all(ctx, Args::new(argv, argc, 0), module)
    }));
    match outcome {
        Ok(Ok(())) => OK,
        Ok(Err(why)) => {
            log::warning(&format!("cannot load: {why}"));
            ERR
        }
        Err(_) => ERR,
    }
}

/// # Safety
/// `ctx` is that of the load function.
unsafe fn register_all(
    ctx: *mut RedisModuleCtx,
    args: Args<'_>,
    module: &'static Module,
) -> Result<(), String> {
    // SAFETY: only whether functions are there is read.
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
    // SAFETY: the context is valid (the caller's promise), in all that follows.
    unsafe {
        if (module.types)(ctx) != OK {
            return Err("the server refused the type session-1".to_owned());
        }
        register::commands(ctx, module.commands)?;
        settings(ctx, defaults)?;
        options(ctx);
        if !(info(ctx, module) && events::subscribe(ctx, &module.events)) {
            return Err("the server refused the event handlers".to_owned());
        }
    }
    cluster::learn_mode();
    Ok(())
}

/// # Safety
/// As for [`register_all`].
unsafe fn settings(
    ctx: *mut RedisModuleCtx,
    defaults: [i64; SETTINGS.len()],
) -> Result<(), String> {
    unsafe extern "C" fn get(_name: *const c_char, setting: *mut c_void) -> c_longlong {
        // SAFETY: the setting is one of SETTINGS, static.
        unsafe { &*setting.cast_const().cast::<Setting>() }.get()
    }
    unsafe extern "C" fn set(
        _name: *const c_char,
        value: c_longlong,
        setting: *mut c_void,
        _error: *mut *mut RedisModuleString,
    ) -> c_int {
        // SAFETY: as above.
        unsafe { &*setting.cast_const().cast::<Setting>() }.set(value);
        OK
    }
    for (setting, default) in SETTINGS.into_iter().zip(defaults) {
        let flags: c_uint = if setting.memory {
            raw::REDISMODULE_CONFIG_MEMORY
        } else {
            raw::REDISMODULE_CONFIG_DEFAULT
        };
        // SAFETY: the name is copied, the setting is static, and shared state in it is atomic.
        let registered = unsafe {
            api!(RedisModule_RegisterNumericConfig(
                ctx,
                setting.name.as_ptr(),
                default,
                flags,
                setting.min,
                setting.max,
                Some(get),
                Some(set),
                None,
                std::ptr::from_ref(setting).cast_mut().cast()
            ))
        };
        if registered != OK {
            return Err(format!("the server refused the setting {:?}", setting.name));
        }
    }
    // SAFETY: all settings are registered.
    if unsafe { api!(RedisModule_LoadConfigs(ctx)) } != OK {
        return Err("a session.* line of the configuration is wrong".to_owned());
    }
    Ok(())
}

/// # Safety
/// As for [`register_all`].
unsafe fn options(ctx: *mut RedisModuleCtx) {
    let wanted = raw::REDISMODULE_OPTIONS_HANDLE_IO_ERRORS.cast_signed()
        | NO_IMPLICIT_SIGNAL_MODIFIED
        | ATOMIC_SLOT_MIGRATION;
    // SAFETY: a server without GetModuleOptionsAll (7.0) knows the first two.
    unsafe {
        let known =
            raw::RedisModule_GetModuleOptionsAll.map_or(!ATOMIC_SLOT_MIGRATION, |all| all());
        api!(RedisModule_SetModuleOptions(ctx, wanted & known));
    }
}

/// # Safety
/// As for [`register_all`].
unsafe fn info(ctx: *mut RedisModuleCtx, module: &'static Module) -> bool {
    static FILL: OnceLock<fn(&Info)> = OnceLock::new();
    let _ = FILL.set(module.info);

    unsafe extern "C" fn fill(ctx: *mut RedisModuleInfoCtx, for_crash_report: c_int) {
        // A crash report is written by a process whose state is not to be trusted.
        if for_crash_report != 0 {
            return;
        }
        if let Some(fill) = FILL.get() {
            // SAFETY: the context is valid during this callback.
            let _ = catch_unwind(AssertUnwindSafe(|| unsafe {
                if let Some(section) = Info::begin(ctx) {
                    fill(&section);
                }
            }));
        }
    }
    // SAFETY: the callback is a static function of the right type.
    unsafe { api!(RedisModule_RegisterInfoFunc(ctx, Some(fill))) == OK }
}
