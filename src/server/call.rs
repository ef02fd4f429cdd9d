//! Commands of the server that the module calls (`RedisModule_Call`), and their replies. They are for
//! questions that the module API has no function for.

use super::api;
use super::args::Arg;
use super::context::Ctx;
use redis_module::raw::RedisModuleCallReply;
use std::ffi::CStr;
use std::io;
use std::ptr::NonNull;

/// The reply to a call; freed when dropped.
pub struct CallReply(NonNull<RedisModuleCallReply>);

/// Calls a command of the server. The arguments must not be strings of a notification, to which
/// the server cannot take a reference.
///
/// # Errors
/// If the server refuses to run the command: the reason as the `errno` that the server sets.
pub fn call(ctx: Ctx<'_>, command: &CStr, args: &[Arg<'_>]) -> io::Result<CallReply> {
    let raws: Vec<_> = args.iter().map(|arg| arg.raw()).collect();
    // SAFETY: the context is valid. The format's `v` takes an array of server strings and its
    // length, which are the two arguments after it; the server takes a reference to each string.
    let reply = unsafe {
        api!(RedisModule_Call(
            ctx.raw(),
            command.as_ptr(),
            c"v".as_ptr(),
            raws.as_ptr(),
            raws.len()
        ))
    };
    // Read before `raws` is freed, which may set errno.
    let reason = io::Error::last_os_error();
    NonNull::new(reply).map(CallReply).ok_or(reason)
}

/// The `errno` of a call with a format that the server does not know. Linux, the BSDs and macOS have
/// the same number.
const EBADF: i32 = 9;

/// Whether the client of this call has an ACL user.
///
/// Runs nothing. The format asks for a call as the context's user (`C`), and then has a character that
/// no server knows. The server looks for the user first: without one the reason is ENOTSUP, and
/// otherwise EBADF, which stands for a wrong format. Any other reason counts as no user.
pub fn has_user(ctx: Ctx<'_>) -> bool {
    // SAFETY: the context is that of a command, so it has a client, whose user the server looks for.
    // The server stops at the character that it does not know, and reads no argument.
    let reply = unsafe {
        api!(RedisModule_Call(
            ctx.raw(),
            c"session.info".as_ptr(),
            c"C\x01".as_ptr()
        ))
    };
    let reason = io::Error::last_os_error();
    reply.is_null() && reason.raw_os_error() == Some(EBADF)
}

impl CallReply {
    /// The text of a string reply; none if the reply has another type.
    pub fn text(&self) -> Option<&[u8]> {
        // SAFETY: the reply is valid, and lives as long as the borrow of `self`.
        unsafe { text(self.0.as_ptr()) }
    }

    /// The text of one element of an array reply; none if there is no such element, or it is no
    /// string.
    pub fn element(&self, at: usize) -> Option<&[u8]> {
        // SAFETY: the reply is valid; the server checks its type and the index. An element lives as
        // long as the reply, and so as long as the borrow of `self`.
        unsafe {
            let element = api!(RedisModule_CallReplyArrayElement(self.0.as_ptr(), at));
            (!element.is_null()).then(|| text(element)).flatten()
        }
    }
}

/// # Safety
/// `reply` is a reply, or an element of one, that is not freed during `'r`.
unsafe fn text<'r>(reply: *mut RedisModuleCallReply) -> Option<&'r [u8]> {
    let mut len = 0;
    // SAFETY: the reply is valid (the caller's promise). The server returns null for a reply that
    // is no string, and otherwise `len` bytes that live as long as the reply and never change.
    unsafe {
        let start = api!(RedisModule_CallReplyStringPtr(reply, &raw mut len));
        (!start.is_null()).then(|| std::slice::from_raw_parts(start.cast(), len))
    }
}

impl Drop for CallReply {
    fn drop(&mut self) {
        // SAFETY: the reply came from `RedisModule_Call`, and is freed once, here.
        unsafe { api!(RedisModule_FreeCallReply(self.0.as_ptr())) };
    }
}
