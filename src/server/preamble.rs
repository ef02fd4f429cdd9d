//! A warning about one setting of the server's: without the RDB preamble a rewritten AOF has no
//! place for what belongs to no key, such as the schemas.

use super::{api, log, OK};
use redis_module::raw::{self, RedisModuleCtx};
use std::ffi::{c_void, CStr};
use std::panic::catch_unwind;

const SETTING: &CStr = c"aof-use-rdb-preamble";

/// Warns now if the setting is off, and whenever it is turned off. Gives whether the server took
/// the handler.
///
/// # Safety
/// `ctx` is that of the module's load function.
pub unsafe fn watch(ctx: *mut RedisModuleCtx) -> bool {
    unsafe extern "C" fn changed(
        ctx: *mut RedisModuleCtx,
        _event: raw::RedisModuleEvent,
        _subevent: u64,
        data: *mut c_void,
    ) {
        // SAFETY: this event's data is a list of the names that changed, valid during the call;
        // and so is the context.
        let _ = catch_unwind(|| unsafe {
            let change = &*data.cast::<raw::RedisModuleConfigChangeV1>();
            let count = usize::try_from(change.num_changes).unwrap_or(0);
            let names = std::slice::from_raw_parts(change.config_names, count);
            if names.iter().any(|&name| CStr::from_ptr(name) == SETTING) {
                warn_if_off(ctx);
            }
        });
    }
    let event = raw::RedisModuleEvent {
        id: raw::REDISMODULE_EVENT_CONFIG,
        dataver: 1,
    };
    // SAFETY: the context is valid (the caller's promise), the handler static.
    unsafe {
        warn_if_off(ctx);
        api!(RedisModule_SubscribeToServerEvent(
            ctx,
            event,
            Some(changed)
        )) == OK
    }
}

/// # Safety
/// `ctx` is valid.
unsafe fn warn_if_off(ctx: *mut RedisModuleCtx) {
    // SAFETY: the format has a `c` for each C string that follows; the reply is freed once, and
    // what it points to is read before. A server that does not answer as expected gives null.
    unsafe {
        let reply = api!(RedisModule_Call(
            ctx,
            c"CONFIG".as_ptr(),
            c"cc".as_ptr(),
            c"GET".as_ptr(),
            SETTING.as_ptr()
        ));
        if reply.is_null() {
            return;
        }
        let value = api!(RedisModule_CallReplyArrayElement(reply, 1));
        let mut len = 0;
        let text = if value.is_null() {
            std::ptr::null()
        } else {
            api!(RedisModule_CallReplyStringPtr(value, &raw mut len))
        };
        let off = !text.is_null() && std::slice::from_raw_parts(text.cast::<u8>(), len) == b"no";
        api!(RedisModule_FreeCallReply(reply));
        if off {
            log::warning(
                "aof-use-rdb-preamble is off: schemas then survive an AOF rewrite only where there \
                 is at least one session; turn it on",
            );
        }
    }
}
