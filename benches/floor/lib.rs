//! A module that does the least that any module can: a lower bound for `make bench`. Core commands call
//! server functions that modules have no access to, so a part of the difference between SET and
//! SESSION.SET is the price of the module API. These commands show that part: they handle no JSON, no
//! random ID, no clock and no options.
//!
//! ```text
//! FLOOR.GET key           opens the key, replies with its bytes
//! FLOOR.SET key data ms   stores the bytes with an expiry, replicates that, fires an event, replies
//! FLOOR.PUT key data ms   the same without replication
//! FLOOR.NEW prefix data ms
//!                         the same as SET under a new key: `strings:`, whatever the prefix, and a
//!                         counter in the place of a random ID. As SESSION.SET does, it keeps the data
//!                         out of the slow log, and replicates a command that names the new key
//! ```

#![allow(clippy::missing_safety_doc)] // Only the server calls the exported functions.

use redis_module::raw::{
    self, RedisModuleCtx, RedisModuleDigest, RedisModuleIO, RedisModuleKey, RedisModuleString,
    RedisModuleType, RedisModuleTypeMethods,
};
use std::ffi::{c_char, c_int, c_longlong, c_void, CStr};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

/// Calls a function of the module API.
macro_rules! api {
    ($function:ident($($argument:expr),*)) => {
        (raw::$function.expect(stringify!($function)))($($argument),*)
    };
}

const OK: c_int = raw::REDISMODULE_OK as c_int;
const ERR: c_int = raw::REDISMODULE_ERR as c_int;

static TYPE: AtomicPtr<RedisModuleType> = AtomicPtr::new(null_mut());

/// A value: its length, followed by its bytes. The server's allocator aligns it to 8 bytes.
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
        // SAFETY: the fields are optional functions and numbers; all may be zero.
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
            && command(c"floor.put", set::<false>, write)
            && command(c"floor.new", new, write);
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
    // SAFETY: `argv` holds `argc` arguments. A value of this type was made by `store`, and lives as long
    // as the key is open.
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
    // SAFETY: `argv` holds `argc` arguments, which live through the call.
    unsafe {
        if argc != 4 {
            return api!(RedisModule_WrongArity(ctx));
        }
        let (name, data, ms) = (*argv.add(1), *argv.add(2), *argv.add(3));
        if store(ctx, name, data, ms) != OK {
            return api!(RedisModule_ReplyWithError(ctx, c"ERR no number".as_ptr()));
        }
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
        publish(ctx, name)
    }
}

unsafe extern "C" fn new(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // SAFETY: `argv` holds `argc` arguments, which live through the call, as does the name that is
    // made here.
    unsafe {
        if argc != 4 {
            return api!(RedisModule_WrongArity(ctx));
        }
        let (data, ms) = (*argv.add(2), *argv.add(3));
        let mut name = *b"strings:00000000000000000000000000000000";
        let mut count = COUNT.fetch_add(1, Relaxed);
        for digit in name.iter_mut().rev().take(16) {
            *digit = b"0123456789abcdef"[(count & 15) as usize];
            count >>= 4;
        }
        let name = api!(RedisModule_CreateString(
            ctx,
            name.as_ptr().cast(),
            name.len()
        ));
        if store(ctx, name, data, ms) != OK {
            api!(RedisModule_FreeString(ctx, name));
            return api!(RedisModule_ReplyWithError(ctx, c"ERR no number".as_ptr()));
        }
        let mut len = 0;
        let bytes = api!(RedisModule_StringPtrLen(data, &raw mut len));
        let command = c"floor.set".as_ptr();
        api!(RedisModule_Replicate(
            ctx,
            command,
            c"sbs".as_ptr(),
            name,
            bytes,
            len,
            ms
        ));
        publish(ctx, name);
        api!(RedisModule_FreeString(ctx, name));
        api!(RedisModule_RedactClientCommandArgument(ctx, 2))
    }
}

/// Stores the data at the key with an expiry of `ms` milliseconds. Returns ERR if `ms` is no number.
///
/// # Safety
/// The context and the strings are valid.
unsafe fn store(
    ctx: *mut RedisModuleCtx,
    name: *mut RedisModuleString,
    data: *mut RedisModuleString,
    ms: *mut RedisModuleString,
) -> c_int {
    // SAFETY: the caller guarantees valid strings. The allocation has room for the length and the
    // bytes; SetValue passes its ownership to the server.
    unsafe {
        let (mut len, mut ttl): (usize, c_longlong) = (0, 0);
        let bytes = api!(RedisModule_StringPtrLen(data, &raw mut len));
        if api!(RedisModule_StringToLongLong(ms, &raw mut ttl)) != OK {
            return ERR;
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
        OK
    }
}

/// Fires the event, and replies with the key's name.
///
/// # Safety
/// The context and the name are valid.
unsafe fn publish(ctx: *mut RedisModuleCtx, name: *mut RedisModuleString) -> c_int {
    // SAFETY: the caller guarantees a valid context and name.
    unsafe {
        let mut len = 0;
        let event = c"floor.set".as_ptr();
        let class = raw::REDISMODULE_NOTIFY_MODULE;
        api!(RedisModule_NotifyKeyspaceEvent(ctx, class, event, name));
        let text = api!(RedisModule_StringPtrLen(name, &raw mut len));
        api!(RedisModule_ReplyWithStringBuffer(ctx, text, len))
    }
}

unsafe extern "C" fn free(value: *mut c_void) {
    // SAFETY: `store` allocated the value, and the server does not use it again.
    unsafe { api!(RedisModule_Free(value)) }
}

// The server demands these callbacks of a type, but a measured server saves nothing.
unsafe extern "C" fn rdb_load(_: *mut RedisModuleIO, _: c_int) -> *mut c_void {
    null_mut()
}
unsafe extern "C" fn rdb_save(_: *mut RedisModuleIO, _: *mut c_void) {}
unsafe extern "C" fn aof_rewrite(_: *mut RedisModuleIO, _: *mut RedisModuleString, _: *mut c_void) {
}
unsafe extern "C" fn digest(_: *mut RedisModuleDigest, _: *mut c_void) {}
