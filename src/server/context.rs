//! The context of a call: replies, time, replication, events.

use super::args::Arg;
use super::key::{ReadKey, WriteKey};
use super::keyspace::Event;
use super::{api, log, OK};
use crate::error::Error;
use redis_module::raw::{self, RedisModuleCtx, RedisModuleString};
use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::os::raw::{c_int, c_long, c_longlong};
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

/// Whether the server runs in cluster mode.
pub fn is_cluster() -> bool {
    // SAFETY: without a context the server tells only its own state.
    let flags = unsafe { api!(RedisModule_GetContextFlags(std::ptr::null_mut())) };
    flags.cast_unsigned() & raw::REDISMODULE_CTX_FLAGS_CLUSTER != 0
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

    /// Opens a key for reading; with `notouch` the server does not count it as used (LRU, LFU).
    pub fn open_read(self, name: Arg<'_>, notouch: bool) -> ReadKey<'c> {
        ReadKey::open(self, name, notouch)
    }

    /// Opens a key only to see what it holds: with no trace in statistics, clocks or events where
    /// the server can do that (Redis 7.2 and later).
    pub fn open_quietly(self, name: Arg<'_>) -> ReadKey<'c> {
        ReadKey::open_quietly(self, name)
    }

    /// Opens a key for writing.
    pub fn open_write(self, name: Arg<'_>) -> WriteKey<'c> {
        WriteKey::open(self, name)
    }

    /// Replies with a bulk string.
    pub fn reply(self, bytes: &[u8]) {
        // SAFETY: the bytes are copied to the client's buffer.
        unsafe {
            api!(RedisModule_ReplyWithStringBuffer(
                self.raw,
                bytes.as_ptr().cast(),
                bytes.len()
            ));
        }
    }

    /// Replies with an integer.
    pub fn reply_integer(self, n: i64) {
        // SAFETY: the context is valid, here and in all replies below.
        unsafe { api!(RedisModule_ReplyWithLongLong(self.raw, n)) };
    }

    /// Replies with nil.
    pub fn reply_null(self) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithNull(self.raw)) };
    }

    /// Replies with `OK`.
    pub fn reply_ok(self) {
        // SAFETY: see above; the text is static.
        unsafe { api!(RedisModule_ReplyWithSimpleString(self.raw, c"OK".as_ptr())) };
    }

    /// Replies with a simple string: one line, without NUL.
    pub fn reply_simple(self, line: &str) {
        let line = CString::new(line).unwrap_or_default();
        // SAFETY: see above; the line is copied.
        unsafe { api!(RedisModule_ReplyWithSimpleString(self.raw, line.as_ptr())) };
    }

    /// Begins an array of `len` replies.
    pub fn reply_array(self, len: usize) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithArray(self.raw, len as c_long)) };
    }

    /// Begins a map of `len` pairs of replies (RESP3), or an array of all of them (RESP2).
    pub fn reply_map(self, len: usize) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithMap(self.raw, len as c_long)) };
    }

    /// Replies with an error.
    pub fn reply_error(self, error: &Error) {
        let line = CString::new(error.line()).unwrap_or_default();
        // SAFETY: see above; the line is copied.
        unsafe { api!(RedisModule_ReplyWithError(self.raw, line.as_ptr())) };
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

    /// Fires a keyspace event of class `d` (module) on a key.
    pub fn notify(self, event: &Event, key: Arg<'_>) {
        // SAFETY: event and name live through the call.
        unsafe {
            api!(RedisModule_NotifyKeyspaceEvent(
                self.raw,
                raw::REDISMODULE_NOTIFY_MODULE,
                event.name().as_ptr(),
                key.raw()
            ));
        }
    }

    /// Tells WATCH and client-side caches that a key's value has changed.
    pub fn signal_modified(self, key: Arg<'_>) {
        // SAFETY: the name is valid.
        unsafe { api!(RedisModule_SignalModifiedKey(self.raw, key.raw())) };
    }

    /// Sends a command to the replicas and the AOF in place of the one that runs: its key, a
    /// buffer, and an event's name.
    pub fn replicate_bytes(self, command: &CStr, key: Arg<'_>, bytes: &[u8], event: &Event) {
        // SAFETY: the format has an `s` for a server string, and a `b` for a pointer and a length, and
        // those are what follows. The server counts who else holds a string.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw,
                command.as_ptr(),
                c"sbs".as_ptr(),
                key.raw(),
                bytes.as_ptr(),
                bytes.len(),
                event.string()
            ))
        };
        Self::replicated(outcome);
    }

    /// The same: a key and integers, at most three.
    pub fn replicate_integers(self, command: &CStr, key: Arg<'_>, integers: &[i64]) {
        let format = [c"s", c"sl", c"sll", c"slll"][integers.len()];
        let at = |i: usize| integers.get(i).copied().unwrap_or(0) as c_longlong;
        // SAFETY: an `s` for the key and an `l` for each integer; those without an `l` are passed
        // and not read.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw,
                command.as_ptr(),
                format.as_ptr(),
                key.raw(),
                at(0),
                at(1),
                at(2)
            ))
        };
        Self::replicated(outcome);
    }

    /// The same: strings of the server's.
    pub fn replicate_strings(self, command: &CStr, strings: &[Arg<'_>]) {
        let raws: Vec<_> = strings.iter().map(|s| s.raw()).collect();
        // SAFETY: the `v` stands for an array of server strings and its length.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw,
                command.as_ptr(),
                c"v".as_ptr(),
                raws.as_ptr(),
                raws.len()
            ))
        };
        Self::replicated(outcome);
    }

    /// Sends the command that runs as it was given.
    pub fn replicate_verbatim(self) {
        // SAFETY: the context is valid, and this is called within a command.
        let outcome = unsafe { api!(RedisModule_ReplicateVerbatim(self.raw)) };
        Self::replicated(outcome);
    }

    fn replicated(outcome: c_int) {
        if outcome != OK {
            log::warning("the server refused to replicate a change");
        }
    }
}
