//! The context of a call (`RedisModuleCtx`): the flags of the server and of the call, the clock, the
//! selected database, and new strings.
//!
//! `Ctx` wraps the server's pointer for the length of one callback. Its lifetime makes calls into the
//! server safe in other files. `key`, `reply` and `replicate` build on it; it uses none of them.

use super::api;
use super::args::Arg;
use redis_module::raw::{self, RedisModuleCtx, RedisModuleString};
use std::ffi::CStr;
use std::marker::PhantomData;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// How far the clock of `test_hooks` is ahead of the server's, in ms; negative if it is behind. Never
/// part of a release.
#[cfg(debug_assertions)]
pub(super) static TEST_CLOCK_MS: std::sync::atomic::AtomicI64 =
    std::sync::atomic::AtomicI64::new(0);

/// The server's context of a callback. The pointer in it is valid during `'c`, the callback.
#[derive(Clone, Copy)]
pub struct Ctx<'c> {
    raw: *mut RedisModuleCtx,
    lifetime: PhantomData<&'c RedisModuleCtx>,
}

/// A server string that this module holds a reference to; released when dropped.
pub struct OwnedString<'c> {
    ctx: Ctx<'c>,
    raw: *mut RedisModuleString,
}

impl<'c> OwnedString<'c> {
    /// Takes over a reference to a string.
    ///
    /// # Safety
    /// `raw` is a valid string; one reference to it belongs to the caller, who gives it up.
    pub(super) unsafe fn from_raw(ctx: Ctx<'c>, raw: *mut RedisModuleString) -> Self {
        Self { ctx, raw }
    }

    /// Borrows the string.
    pub fn arg(&self) -> Arg<'_> {
        // SAFETY: the reference keeps the string valid until `self` is dropped, and nothing changes
        // it.
        unsafe { Arg::new(self.raw) }
    }
}

impl Drop for OwnedString<'_> {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's own, and is released once, here. The context is
        // valid, and automatic memory management, which would release it a second time, is never
        // turned on.
        unsafe { api!(RedisModule_FreeString(self.ctx.raw, self.raw)) }
    }
}

/// Copies bytes to a new server string. The caller owns the one reference to it.
///
/// # Safety
/// `ctx` is valid, or null: the string then belongs to no context.
pub(super) unsafe fn new_string(ctx: *mut RedisModuleCtx, bytes: &[u8]) -> *mut RedisModuleString {
    // SAFETY: the context is valid or null (the caller's promise); the function accepts both. It
    // reads `len` bytes and copies them.
    unsafe {
        api!(RedisModule_CreateString(
            ctx,
            bytes.as_ptr().cast(),
            bytes.len()
        ))
    }
}

static LOADING: AtomicBool = AtomicBool::new(false);

/// Whether the server is reading its data set from disk or from its primary.
pub fn is_loading() -> bool {
    LOADING.load(Relaxed)
}

/// Stores that a load begins or has ended. Called for each LOADING event: the context flag would
/// say the same, but to compute the flags the server also inspects its memory limits.
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

    /// The current Unix time in ms. From Redis 7.2 on this is the time at which the command began,
    /// so that time stands still in a script or transaction, as it does for core's own keys.
    pub fn now(self) -> i64 {
        // SAFETY: neither function has arguments or conditions.
        let now = unsafe {
            match raw::RedisModule_CachedMicroseconds {
                Some(cached) => cached() / 1000,
                None => api!(RedisModule_Milliseconds()),
            }
        };
        #[cfg(debug_assertions)]
        let now = now.saturating_add(TEST_CLOCK_MS.load(Relaxed));
        now
    }

    /// The `REDISMODULE_CTX_FLAGS_*` of the server and of this call.
    fn flags(self) -> u32 {
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_GetContextFlags(self.raw)).cast_unsigned() }
    }

    /// Whether the command comes from the primary, the AOF, or a slot migration, rather than from a
    /// client. Internal commands are obeyed only then.
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

    /// The full name of the command that runs, in lower case, with `|` before a subcommand. It is the
    /// name that the command was registered by, whatever the client sent.
    pub fn command(self) -> Option<&'c CStr> {
        // SAFETY: the context is valid. The text belongs to the command, which the module registered
        // and which stays as long as the process, because the module cannot be unloaded.
        unsafe {
            let name = api!(RedisModule_GetCurrentCommandName(self.raw));
            (!name.is_null()).then(|| CStr::from_ptr(name))
        }
    }

    /// The number of the selected database.
    pub fn database(self) -> usize {
        // SAFETY: the context is valid.
        let number = unsafe { api!(RedisModule_GetSelectedDb(self.raw)) };
        usize::try_from(number).unwrap_or(0)
    }

    /// Selects another database. A number that is out of range changes nothing.
    pub fn select(self, database: usize) {
        // SAFETY: the context is valid, and the server checks the number.
        unsafe { api!(RedisModule_SelectDb(self.raw, database as c_int)) };
    }

    /// Whether a read may record its access: false on a replica, and while the server wants no
    /// replication traffic (CLIENT PAUSE WRITE, a failover).
    pub fn may_record(self) -> bool {
        // SAFETY: the function has no arguments or conditions.
        let avoid = unsafe { raw::RedisModule_AvoidReplicaTraffic.is_some_and(|f| f() != 0) };
        !avoid && self.flags() & raw::REDISMODULE_CTX_FLAGS_SLAVE == 0
    }

    /// Whether a child of the server writes an RDB file or an AOF at the moment.
    pub fn is_saving(self) -> bool {
        self.flags() & raw::REDISMODULE_CTX_FLAGS_ACTIVE_CHILD != 0
    }

    /// Copies bytes to a new server string.
    pub fn string(self, bytes: &[u8]) -> OwnedString<'c> {
        // SAFETY: the context is valid, and the new string's one reference goes to the
        // `OwnedString` alone.
        unsafe { OwnedString::from_raw(self, new_string(self.raw, bytes)) }
    }
}
