//! Registering the native type `session-1` with the server: its callbacks for memory and
//! persistence. The schema registry is saved with it, as the type's auxiliary data.

use super::session_type::{ENCODING, SESSION};
use super::{callbacks, persist, saved_registry};
use crate::server::{api, ERR, OK};
use redis_module::raw::{self, RedisModuleCtx, RedisModuleTypeMethods};
use std::os::raw::c_int;

/// Registers the type. Returns the module API's code for success or failure.
///
/// # Safety
/// `ctx` is the context of the module's load function, which has not returned.
pub unsafe fn register(ctx: *mut RedisModuleCtx) -> c_int {
    let mut methods = RedisModuleTypeMethods {
        version: u64::from(raw::REDISMODULE_TYPE_METHOD_VERSION),
        rdb_load: Some(persist::rdb_load),
        rdb_save: Some(persist::rdb_save),
        aof_rewrite: Some(persist::aof_rewrite),
        mem_usage: Some(callbacks::mem_usage),
        digest: Some(callbacks::digest),
        free: Some(callbacks::free),
        aux_load: Some(saved_registry::load),
        // Servers from 7.2 on call aux_save2 instead, which may write nothing.
        aux_save: Some(saved_registry::save),
        aux_save2: Some(saved_registry::save_unless_empty),
        aux_save_triggers: raw::REDISMODULE_AUX_BEFORE_RDB as c_int,
        free_effort: Some(callbacks::free_effort),
        unlink: None,
        copy: None,
        defrag: Some(callbacks::defrag),
        mem_usage2: None,
        free_effort2: None,
        unlink2: Some(callbacks::unlink),
        copy2: Some(callbacks::copy),
    };
    // SAFETY: the context is valid (the caller's promise). The server copies the methods during the
    // call, and an older server reads only the leading fields, which are all that its version has.
    let ty = unsafe {
        api!(RedisModule_CreateDataType(
            ctx,
            c"session-1".as_ptr(),
            ENCODING,
            &raw mut methods
        ))
    };
    SESSION.registered(ty);
    if ty.is_null() {
        ERR
    } else {
        OK
    }
}
