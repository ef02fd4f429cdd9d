//! The native type `session-1`: its callbacks for persistence, copying and freeing. The schema
//! registry travels with it, as the type's auxiliary data.

mod callbacks;
mod persist;
mod registry;

use crate::server::block::{Block, BlockRef};
use crate::server::native::NativeType;
use crate::server::{api, ERR, OK};
use crate::session::packed::{self, Kind, Packed};
use crate::session::Value;
use redis_module::raw::{self, RedisModuleCtx, RedisModuleTypeMethods};
use std::os::raw::c_int;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The type of every session's key.
pub static SESSION: NativeType = NativeType::new();

/// The block that stands for a value.
pub fn pack(value: &Value<'_>) -> Block {
    let packed = Packed::of(value);
    Block::new(packed.note, packed.stamp, &packed.parts())
}

/// What a block stands for, before its texts are read.
#[inline(always)]
pub fn kind(block: BlockRef<'_>) -> Kind<'_> {
    packed::kind(block.bytes(), block.note(), block.stamp())
}

/// What a block stands for.
pub fn unpack(block: BlockRef<'_>) -> Value<'_> {
    packed::read(block.bytes(), block.note(), block.stamp())
}

/// The encoding of RDB files and DUMP payloads; older ones stay readable.
const ENCODING: c_int = 1;

/// Registers the type.
///
/// # Safety
/// `ctx` is that of the module's load function.
pub unsafe fn register(ctx: *mut RedisModuleCtx) -> c_int {
    let mut methods = RedisModuleTypeMethods {
        version: u64::from(raw::REDISMODULE_TYPE_METHOD_VERSION),
        rdb_load: Some(persist::rdb_load),
        rdb_save: Some(persist::rdb_save),
        aof_rewrite: Some(persist::aof_rewrite),
        mem_usage: Some(callbacks::mem_usage),
        digest: Some(callbacks::digest),
        free: Some(callbacks::free),
        aux_load: Some(registry::load),
        // Servers from 7.2 on call the second, and let it write nothing.
        aux_save: Some(registry::save),
        aux_save2: Some(registry::save_unless_empty),
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
    // SAFETY: the context is valid (the caller's promise); the methods are copied. A server that
    // knows fewer of them reads as many as it knows.
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

/// Runs a callback's body; a panic in it must not cross into the server. It is logged by the panic
/// hook, and the callback gives `otherwise`.
fn guarded<R>(otherwise: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}
