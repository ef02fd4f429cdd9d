//! Registers the settings of `config` with the server, so that redis.conf and CONFIG reach them.

use super::{api, OK};
use crate::config::{Setting, SETTINGS};
use redis_module::raw::{self, RedisModuleCtx, RedisModuleString};
use std::ffi::{c_char, c_void};
use std::os::raw::{c_int, c_longlong, c_uint};

/// Registers every setting with its default (by its place in [`SETTINGS`]), then applies the lines
/// of redis.conf.
///
/// # Errors
/// A line for the log.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn register(
    ctx: *mut RedisModuleCtx,
    defaults: [i64; SETTINGS.len()],
) -> Result<(), String> {
    for (setting, default) in SETTINGS.into_iter().zip(defaults) {
        let flags: c_uint = if setting.memory {
            raw::REDISMODULE_CONFIG_MEMORY
        } else {
            raw::REDISMODULE_CONFIG_DEFAULT
        };
        // SAFETY: the context is valid (the caller's promise). The server copies the name, and keeps
        // the callbacks and the pointer to the setting, which are all static. `get` and `set` get
        // this same pointer back.
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
    // SAFETY: the context is valid (the caller's promise), and all settings are registered.
    if unsafe { api!(RedisModule_LoadConfigs(ctx)) } != OK {
        return Err("a session.* line of the configuration is wrong".to_owned());
    }
    Ok(())
}

/// # Safety
/// For the server to call; `setting` points to one of [`SETTINGS`].
unsafe extern "C" fn get(_name: *const c_char, setting: *mut c_void) -> c_longlong {
    // SAFETY: the setting is static (the caller's promise), and its value atomic, so that a shared
    // reference is enough.
    unsafe { &*setting.cast_const().cast::<Setting>() }.get()
}

/// # Safety
/// For the server to call; `setting` points to one of [`SETTINGS`].
unsafe extern "C" fn set(
    _name: *const c_char,
    value: c_longlong,
    setting: *mut c_void,
    _error: *mut *mut RedisModuleString,
) -> c_int {
    // SAFETY: as in `get`.
    unsafe { &*setting.cast_const().cast::<Setting>() }.set(value);
    OK
}
