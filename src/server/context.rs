//! The context of a call: what the server says of it, time, and strings.

use super::api;
use super::args::Arg;
use redis_module::raw::{self, RedisModuleCtx, RedisModuleString};
use std::marker::PhantomData;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The server's context of a callback, for the length of that callback.
#[derive(Clone, Copy)]
pub struct Ctx<'c> {
    raw: *mut RedisModuleCtx,
    lifetime: PhantomData<&'c RedisModuleCtx>,
}

/// A string of the server's that this module made and frees.
pub struct OwnedString<'c> {
    ctx: Ctx<'c>,
    raw: *mut RedisModuleString,
}

impl OwnedString<'_> {
    /// Borrows it.
    pub fn arg(&self) -> Arg<'_> {
        // SAFETY: it is valid until it is dropped.
        unsafe { Arg::new(self.raw) }
    }
}

impl Drop for OwnedString<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `Ctx::string` and freed once; nothing here uses automatic memory.
        unsafe { api!(RedisModule_FreeString(self.ctx.raw, self.raw)) }
    }
}

static LOADING: AtomicBool = AtomicBool::new(false);

/// Whether the server is reading its data set from disk or from its primary.
pub fn is_loading() -> bool {
    LOADING.load(Relaxed)
}

/// Notes that a load begins or has ended, as the server's event says. Asking the server each time
/// would cost a look at its memory limits.
pub fn set_loading(loading: bool) {
    LOADING.store(loading, Relaxed);
}

impl<'c> Ctx<'c> {
    /// Wraps the server's context.
    ///
    /// # Safety
    /// `raw` is valid during `'c`.
    pub unsafe fn new(raw: *mut RedisModuleCtx) -> Self {
        Self {
            raw,
            lifetime: PhantomData,
        }
    }

    /// The server's own pointer.
    pub fn raw(self) -> *mut RedisModuleCtx {
        self.raw
    }

    /// Unix time in ms: that of the command's start where the server tells it (Redis 7.2 and
    /// later), so that time stands still in a script or transaction as it does for core's keys.
    pub fn now(self) -> i64 {
        // SAFETY: neither function has arguments or conditions.
        unsafe {
            match raw::RedisModule_CachedMicroseconds {
                Some(cached) => cached() / 1000,
                None => api!(RedisModule_Milliseconds()),
            }
        }
    }

    /// The REDISMODULE_CTX_FLAGS_* of the server and this call.
    fn flags(self) -> u32 {
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_GetContextFlags(self.raw)).cast_unsigned() }
    }

    /// Whether this call is an effect to obey: from the primary, the AOF, or a slot migration.
    pub fn is_effect(self) -> bool {
        is_loading() || self.flags() & raw::REDISMODULE_CTX_FLAGS_REPLICATED != 0
    }

    /// Whether a script or function runs this command.
    pub fn is_in_script(self) -> bool {
        self.flags() & raw::REDISMODULE_CTX_FLAGS_LUA != 0
    }

    /// Whether a transaction runs this command.
    pub fn is_in_transaction(self) -> bool {
        self.flags() & raw::REDISMODULE_CTX_FLAGS_MULTI != 0
    }

    /// The number of the database that is selected.
    pub fn database(self) -> usize {
        // SAFETY: the context is valid.
        let number = unsafe { api!(RedisModule_GetSelectedDb(self.raw)) };
        usize::try_from(number).unwrap_or(0)
    }

    /// Selects another database.
    pub fn select(self, database: usize) {
        // SAFETY: the context is valid, and the server checks the number.
        unsafe { api!(RedisModule_SelectDb(self.raw, database as c_int)) };
    }

    /// Whether a read may write down that it happened: not on a replica, and not while the server
    /// asks for no replica traffic (CLIENT PAUSE WRITE, a failover).
    pub fn may_record(self) -> bool {
        // SAFETY: the function has no arguments or conditions.
        let avoid = unsafe { raw::RedisModule_AvoidReplicaTraffic.is_some_and(|f| f() != 0) };
        !avoid && self.flags() & raw::REDISMODULE_CTX_FLAGS_SLAVE == 0
    }

    /// Makes a string of the server's.
    pub fn string(self, bytes: &[u8]) -> OwnedString<'c> {
        // SAFETY: the bytes are copied.
        let raw = unsafe {
            api!(RedisModule_CreateString(
                self.raw,
                bytes.as_ptr().cast(),
                bytes.len()
            ))
        };
        OwnedString { ctx: self, raw }
    }

    /// Keeps argument number `at` (the command's name is 0) out of SLOWLOG and MONITOR.
    pub fn redact(self, at: i32) {
        // A command from the AOF has no line in either; and there the server forgets to drop the
        // redacted copy between two commands, and crashes at the second.
        if is_loading() {
            return;
        }
        // SAFETY: the context is valid, and the server checks the number.
        unsafe {
            api!(RedisModule_RedactClientCommandArgument(self.raw, at));
        }
    }
}
