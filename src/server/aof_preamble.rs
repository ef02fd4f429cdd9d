//! A warning for servers with `aof-use-rdb-preamble no`.
//!
//! Workaround. Servers: all; the setting is on by default. Gap: an AOF that was rewritten without
//! the RDB preamble has no place for data that belongs to no key, as the schemas do. The registry is
//! then written before the first session of the rewrite (`keyspace::saved_registry`), and is lost if
//! there is no session. Symptom: schemas are gone after a restart. So the log warns when the module
//! is loaded with the setting off, and each time that it is turned off. Where CONFIG is renamed or
//! disabled the setting cannot be read before Redis 8, and the log says so.

use super::call::call;
use super::context::Ctx;
use super::guard::guarded;
use super::log;
use super::OK;
use redis_module::raw::{self, RedisModuleConfigChangeV1, RedisModuleCtx, RedisModuleEvent};
use std::ffi::{c_void, CStr};
use std::os::raw::c_int;

const SETTING: &CStr = c"aof-use-rdb-preamble";

/// Handles the server event CONFIG: warns if this setting has changed and is off.
///
/// # Safety
/// For the server to call, for this event.
pub unsafe extern "C" fn config_changed(
    ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    _subevent: u64,
    data: *mut c_void,
) {
    // SAFETY: the data of a CONFIG event is a RedisModuleConfigChangeV1. It, its array of
    // `num_changes` names and the context are valid during this callback.
    guarded((), || unsafe {
        let change = &*data.cast::<RedisModuleConfigChangeV1>();
        let count = usize::try_from(change.num_changes).unwrap_or(0);
        let names = std::slice::from_raw_parts(change.config_names, count);
        if names.iter().any(|&name| CStr::from_ptr(name) == SETTING) {
            warn_if_off(Ctx::new(ctx));
        }
    });
}

/// Logs the warning if the setting is off, or a notice of it if the setting cannot be read.
pub fn warn_if_off(ctx: Ctx<'_>) {
    match is_on(ctx) {
        Some(true) => {}
        Some(false) => log::warning(
            "aof-use-rdb-preamble is off: schemas then survive an AOF rewrite only where there \
             is at least one session; turn it on",
        ),
        None => log::warning(
            "CONFIG GET does not answer: see to it that aof-use-rdb-preamble is on, or schemas \
             survive an AOF rewrite only where there is at least one session",
        ),
    }
}

/// The setting; none if the server does not tell.
fn is_on(ctx: Ctx<'_>) -> Option<bool> {
    let mut value: c_int = 0;
    // SAFETY: the context is valid, the name is a C string, and the server writes one int.
    let read = unsafe {
        raw::RedisModule_ConfigGetBool
            .map(|get| get(ctx.raw(), SETTING.as_ptr(), &raw mut value) == OK)
    };
    if read == Some(true) {
        return Some(value != 0);
    }
    let (get, setting) = (ctx.string(b"GET"), ctx.string(SETTING.to_bytes()));
    let reply = call(ctx, c"CONFIG", &[get.arg(), setting.arg()]).ok()?;
    // The reply is the setting's name and its value.
    match reply.element(1) {
        Some(b"yes") => Some(true),
        Some(b"no") => Some(false),
        _ => None,
    }
}
