//! Replies to the client that calls a command.
//!
//! A bulk string goes to the client's buffer straight from where it is; the crate `redis-module`
//! would copy it to the heap first. A command calls these functions when nothing can fail any more.
//!
//! They count how many replies the running command still owes, so that a reply that a panic has cut
//! off is never completed by the reply to the client's next command: see [`Ctx::break_off`].

use super::context::Ctx;
use super::{api, c_string, OK};
use crate::error::Error;
use std::os::raw::c_long;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// How many replies the running command still owes: 1 before it replies, then the elements that are
/// missing in the arrays and maps that it has begun. Bit [`BEGUN`] is set from the first reply on.
/// Used under the server's lock only.
static OWED: AtomicI64 = AtomicI64::new(0);

const BEGUN: i64 = 1 << 62;

/// Counts a reply, and the elements that it announces.
#[inline(always)]
fn count(elements: usize) {
    // A load and a store, which is cheaper than an atomic addition.
    let owed = OWED.load(Relaxed) - 1 + elements as i64;
    OWED.store(owed | BEGUN, Relaxed);
}

/// The count of the running command. An event of a command can make another module call a second one;
/// the first one's count comes back when that of the second is dropped.
pub struct Owed {
    outer: i64,
}

impl Owed {
    /// Begins to count for a command, which owes one reply.
    pub fn begin() -> Self {
        let outer = OWED.load(Relaxed);
        OWED.store(1, Relaxed);
        Self { outer }
    }

    /// Whether the command has begun its reply.
    pub fn has_begun(&self) -> bool {
        OWED.load(Relaxed) & BEGUN != 0
    }

    /// How many replies are missing: 0 once the whole reply is given.
    pub fn missing(&self) -> i64 {
        OWED.load(Relaxed) & !BEGUN
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        OWED.store(self.outer, Relaxed);
    }
}

impl Ctx<'_> {
    /// Replies with a bulk string.
    #[inline]
    pub fn reply(self, bytes: &[u8]) {
        count(0);
        // SAFETY: the context is valid; the server copies the `len` bytes.
        unsafe {
            api!(RedisModule_ReplyWithStringBuffer(
                self.raw(),
                bytes.as_ptr().cast(),
                bytes.len()
            ));
        }
    }

    /// Replies with an integer.
    pub fn reply_integer(self, n: i64) {
        count(0);
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithLongLong(self.raw(), n)) };
    }

    /// Replies with nil.
    pub fn reply_null(self) {
        count(0);
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithNull(self.raw())) };
    }

    /// Replies with the simple string `OK`.
    pub fn reply_ok(self) {
        count(0);
        // SAFETY: the context is valid; the server copies the C string.
        unsafe {
            api!(RedisModule_ReplyWithSimpleString(
                self.raw(),
                c"OK".as_ptr()
            ))
        };
    }

    /// Replies with a simple string: one line, without NUL.
    pub fn reply_simple(self, line: &str) {
        let line = c_string(line);
        count(0);
        // SAFETY: the context is valid; the server copies the C string.
        unsafe { api!(RedisModule_ReplyWithSimpleString(self.raw(), line.as_ptr())) };
    }

    /// Begins an array; its `len` elements are the next replies.
    pub fn reply_array(self, len: usize) {
        count(len);
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithArray(self.raw(), len as c_long)) };
    }

    /// Begins a map; its `len` pairs of a key and a value are the next replies. A RESP2 client gets
    /// an array of all keys and values.
    pub fn reply_map(self, len: usize) {
        count(2 * len);
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithMap(self.raw(), len as c_long)) };
    }

    /// Replies with an error.
    pub fn reply_error(self, error: &Error) {
        let line = c_string(error.line());
        count(0);
        // SAFETY: the context is valid; the server copies the C string.
        unsafe { api!(RedisModule_ReplyWithError(self.raw(), line.as_ptr())) };
    }

    /// Ends a reply that cannot be finished. The client is closed, so that it waits for no more of this
    /// reply, and takes no other reply for the rest of it. A script or another module, which has no
    /// connection, gets an error in the place of each missing element.
    #[cold]
    pub fn break_off(self, owed: &Owed, error: &Error) {
        // Nobody reads the replies to effects, and the link to the primary stays open.
        if owed.missing() == 0 || self.is_effect() {
            return;
        }
        // SAFETY: the context is valid. The server looks the client up by its ID: one that has no
        // connection is not found. It closes the client that runs the command when that has ended.
        let closed = unsafe {
            let id = api!(RedisModule_GetClientId(self.raw()));
            api!(RedisModule_DeauthenticateAndCloseClient(self.raw(), id)) == OK
        };
        if !closed {
            for _ in 0..owed.missing() {
                self.reply_error(error);
            }
        }
    }
}
