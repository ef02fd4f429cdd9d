//! Replies to the client that called a command.

use super::api;
use super::context::Ctx;
use crate::error::Error;
use std::ffi::CString;
use std::os::raw::c_long;

impl Ctx<'_> {
    /// Replies with a bulk string.
    pub fn reply(self, bytes: &[u8]) {
        // SAFETY: the bytes are copied to the client's buffer.
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
        // SAFETY: the context is valid, here and in all replies below.
        unsafe { api!(RedisModule_ReplyWithLongLong(self.raw(), n)) };
    }

    /// Replies with nil.
    pub fn reply_null(self) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithNull(self.raw())) };
    }

    /// Replies with `OK`.
    pub fn reply_ok(self) {
        // SAFETY: see above; the text is static.
        unsafe {
            api!(RedisModule_ReplyWithSimpleString(
                self.raw(),
                c"OK".as_ptr()
            ))
        };
    }

    /// Replies with a simple string: one line, without NUL.
    pub fn reply_simple(self, line: &str) {
        let line = CString::new(line).unwrap_or_default();
        // SAFETY: see above; the line is copied.
        unsafe { api!(RedisModule_ReplyWithSimpleString(self.raw(), line.as_ptr())) };
    }

    /// Begins an array of `len` replies.
    pub fn reply_array(self, len: usize) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithArray(self.raw(), len as c_long)) };
    }

    /// Begins a map of `len` pairs of replies (RESP3), or an array of all of them (RESP2).
    pub fn reply_map(self, len: usize) {
        // SAFETY: see above.
        unsafe { api!(RedisModule_ReplyWithMap(self.raw(), len as c_long)) };
    }

    /// Replies with an error.
    pub fn reply_error(self, error: &Error) {
        let line = CString::new(error.line()).unwrap_or_default();
        // SAFETY: see above; the line is copied.
        unsafe { api!(RedisModule_ReplyWithError(self.raw(), line.as_ptr())) };
    }
}
