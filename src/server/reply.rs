//! Replies to the client that calls a command.
//!
//! A bulk string goes to the client's buffer straight from where it is; the crate `redis-module`
//! would copy it to the heap first. A command calls these functions when nothing can fail any more.

use super::context::Ctx;
use super::{api, c_string};
use crate::error::Error;
use std::os::raw::c_long;

impl Ctx<'_> {
    /// Replies with a bulk string.
    pub fn reply(self, bytes: &[u8]) {
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
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithLongLong(self.raw(), n)) };
    }

    /// Replies with nil.
    pub fn reply_null(self) {
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithNull(self.raw())) };
    }

    /// Replies with the simple string `OK`.
    pub fn reply_ok(self) {
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
        // SAFETY: the context is valid; the server copies the C string.
        unsafe { api!(RedisModule_ReplyWithSimpleString(self.raw(), line.as_ptr())) };
    }

    /// Begins an array; its `len` elements are the next replies.
    pub fn reply_array(self, len: usize) {
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithArray(self.raw(), len as c_long)) };
    }

    /// Begins a map; its `len` pairs of a key and a value are the next replies. A RESP2 client gets
    /// an array of all keys and values.
    pub fn reply_map(self, len: usize) {
        // SAFETY: the context is valid.
        unsafe { api!(RedisModule_ReplyWithMap(self.raw(), len as c_long)) };
    }

    /// Replies with an error.
    pub fn reply_error(self, error: &Error) {
        let line = c_string(error.line());
        // SAFETY: the context is valid; the server copies the C string.
        unsafe { api!(RedisModule_ReplyWithError(self.raw(), line.as_ptr())) };
    }
}
