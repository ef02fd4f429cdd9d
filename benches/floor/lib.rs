//! The least that a module can do: what `make bench` measures the sessions against where a server's
//! own commands have a way that no module has. No JSON, no ID, no clock, no options.
//!
//! ```text
//! FLOOR.GET key           open the key, reply with its bytes
//! FLOOR.SET key data ms   store the bytes with an expiry, replicate that, fire an event, reply
//! FLOOR.PUT key data ms   the same, but not replicated
//! ```

#![allow(clippy::missing_safety_doc)] // All of it is for the server alone to call.

use redis_module::raw::{
    self, RedisModuleCtx, RedisModuleDigest, RedisModuleIO, RedisModuleKey, RedisModuleString,
    RedisModuleType, RedisModuleTypeMethods,
};
use std::ffi::{c_char, c_int, c_longlong, c_void, CStr};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// Calls a function of the server's.
macro_rules! api {
    ($function:ident($($argument:expr),*)) => {
        (raw::$function.expect(stringify!($function)))($($argument),*)
    };
}

const OK: c_int = raw::REDISMODULE_OK as c_int;
const ERR: c_int = raw::REDISMODULE_ERR as c_int;

static TYPE: AtomicPtr<RedisModuleType> = AtomicPtr::new(null_mut());

/// A value: its length, and behind it the bytes. The server's allocator gives 8-byte alignment.
type Value = *mut usize;

#[no_mangle]
#[allow(non_snake_case)]
pub unsafe extern "C" fn RedisModule_OnLoad(
    ctx: *mut RedisModuleCtx,
    _argv: *mut *mut RedisModuleString,
    _argc: c_int,
) -> c_int {
    let mut methods = RedisModuleTypeMethods {
        version: u64::from(raw::REDISMODULE_TYPE_METHOD_VERSION),
        // SAFETY: of optional functions and numbers, all of which may be zero.
        ..unsafe { std::mem::zeroed() }
    };
    methods.rdb_load = Some(rdb_load);
    methods.rdb_save = Some(rdb_save);
    methods.aof_rewrite = Some(aof_rewrite);
    methods.digest = Some(digest);
    methods.free = Some(free);
    // SAFETY: the context is valid while the module loads; all texts are static.
    unsafe {
        if raw::Export_RedisModule_Init(ctx, c"floor".as_ptr(), 1, 1) != OK {
            return ERR;
        }
        let ty = api!(RedisModule_CreateDataType(
            ctx,
            c"floor-val".as_ptr(),
            0,
            &raw mut methods
        ));
        TYPE.store(ty, Relaxed);
        let command = |name: &CStr, run, flags: &CStr| {
            let (name, flags) = (name.as_ptr(), flags.as_ptr());
            api!(RedisModule_CreateCommand(
                ctx,
                name,
                Some(run),
                flags,
                1,
                1,
                1
            )) == OK
        };
        let write = c"write deny-oom fast";
        let done = !ty.is_null()
            && command(c"floor.get", get, c"readonly fast")
            && command(c"floor.set", set::<true>, write)
            && command(c"floor.put", set::<false>, write);
        if done {
            OK
        } else {
            ERR
        }
    }
}

unsafe extern "C" fn get(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: the arguments are as many as `argc` says. The value of the type is what `set` made, and
    // lives as long as the key is open.
    unsafe {
        if argc != 2 {
            return api!(RedisModule_WrongArity(ctx));
        }
        let mode = raw::REDISMODULE_READ.cast_signed();
        let key: *mut RedisModuleKey = api!(RedisModule_OpenKey(ctx, *argv.add(1), mode));
        if key.is_null() {
            return api!(RedisModule_ReplyWithNull(ctx));
        }
        if api!(RedisModule_ModuleTypeGetType(key)) == TYPE.load(Relaxed) {
            let value: Value = api!(RedisModule_ModuleTypeGetValue(key)).cast();
            let bytes = value.add(1).cast::<c_char>();
            api!(RedisModule_ReplyWithStringBuffer(ctx, bytes, *value));
        } else {
            api!(RedisModule_ReplyWithError(ctx, c"WRONGTYPE".as_ptr()));
        }
        api!(RedisModule_CloseKey(key));
        OK
    }
}

unsafe extern "C" fn set<const REPLICATED: bool>(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: the arguments are as many as `argc` says, and live through the call. The value has room
    // for its length and the bytes, and is the server's once it is set.
    unsafe {
        if argc != 4 {
            return api!(RedisModule_WrongArity(ctx));
        }
        let (name, data, ms) = (*argv.add(1), *argv.add(2), *argv.add(3));
        let (mut len, mut ttl): (usize, c_longlong) = (0, 0);
        let bytes = api!(RedisModule_StringPtrLen(data, &raw mut len));
        if api!(RedisModule_StringToLongLong(ms, &raw mut ttl)) != OK {
            return api!(RedisModule_ReplyWithError(ctx, c"ERR no number".as_ptr()));
        }
        let value: Value = api!(RedisModule_Alloc(size_of::<usize>() + len)).cast();
        *value = len;
        value
            .add(1)
            .cast::<c_char>()
            .copy_from_nonoverlapping(bytes, len);
        let mode = (raw::REDISMODULE_READ | raw::REDISMODULE_WRITE).cast_signed();
        let key: *mut RedisModuleKey = api!(RedisModule_OpenKey(ctx, name, mode));
        api!(RedisModule_ModuleTypeSetValue(
            key,
            TYPE.load(Relaxed),
            value.cast()
        ));
        api!(RedisModule_SetExpire(key, ttl));
        api!(RedisModule_CloseKey(key));
        if REPLICATED {
            let command = c"floor.set".as_ptr();
            api!(RedisModule_Replicate(
                ctx,
                command,
                c"sss".as_ptr(),
                name,
                data,
                ms
            ));
        }
        let event = c"floor.set".as_ptr();
        let class = raw::REDISMODULE_NOTIFY_MODULE;
        api!(RedisModule_NotifyKeyspaceEvent(ctx, class, event, name));
        let text = api!(RedisModule_StringPtrLen(name, &raw mut len));
        api!(RedisModule_ReplyWithStringBuffer(ctx, text, len))
    }
}

unsafe extern "C" fn free(value: *mut c_void) {
    // SAFETY: `set` allocated it, and the server gives it up.
    unsafe { api!(RedisModule_Free(value)) }
}

// A server that is measured saves nothing, but asks that a type could.
unsafe extern "C" fn rdb_load(_: *mut RedisModuleIO, _: c_int) -> *mut c_void {
    null_mut()
}
unsafe extern "C" fn rdb_save(_: *mut RedisModuleIO, _: *mut c_void) {}
unsafe extern "C" fn aof_rewrite(_: *mut RedisModuleIO, _: *mut RedisModuleString, _: *mut c_void) {
}
unsafe extern "C" fn digest(_: *mut RedisModuleDigest, _: *mut c_void) {}
