//! The module options, by which a module declares the server features that it handles.
//!
//! Workaround. Server: Redis 7.0 lacks `GetModuleOptionsAll`, which lists the options that a server
//! has. Two options are missing in the bindings, and one is newer than Redis 7.0 and is left out
//! there.

use super::api;
use redis_module::raw::{self, RedisModuleCtx};
use std::os::raw::c_int;

/// `REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED`: closing a writable key signals nothing to WATCH
/// and client-side caches, so that a write without a change stays silent.
const NO_IMPLICIT_SIGNAL_MODIFIED: c_int = 1 << 1;
/// `VALKEYMODULE_OPTIONS_HANDLE_ATOMIC_SLOT_MIGRATION` (Valkey 9). Without it the server refuses
/// CLUSTER MIGRATESLOTS for every slot of the cluster.
const ATOMIC_SLOT_MIGRATION: c_int = 1 << 5;

/// Sets the options. HANDLE_IO_ERRORS makes a short read in a type callback an error that the
/// callback returns; without it the server exits.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn set(ctx: *mut RedisModuleCtx) {
    let wanted = raw::REDISMODULE_OPTIONS_HANDLE_IO_ERRORS.cast_signed()
        | NO_IMPLICIT_SIGNAL_MODIFIED
        | ATOMIC_SLOT_MIGRATION;
    // SAFETY: the context is valid (the caller's promise); GetModuleOptionsAll has no conditions.
    // Every server, Redis 7.0 included, has the first two options.
    unsafe {
        let available =
            raw::RedisModule_GetModuleOptionsAll.map_or(!ATOMIC_SLOT_MIGRATION, |all| all());
        api!(RedisModule_SetModuleOptions(ctx, wanted & available));
    }
}
