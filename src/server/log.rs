//! Lines in the server's log.

use super::api;
use redis_module::raw;
use std::ffi::{CStr, CString};
use std::ptr::null_mut;

/// A line at level `warning`.
pub fn warning(message: &str) {
    write(c"warning", message);
}

fn write(level: &CStr, message: &str) {
    let Ok(message) = CString::new(message.replace('\0', "\\0")) else {
        return;
    };
    // SAFETY: the message is an argument of the format, never the format: `%` in it is only text.
    // A null context makes the line say that it is a module's.
    unsafe {
        api!(RedisModule_Log(
            null_mut(),
            level.as_ptr(),
            c"session: %s".as_ptr(),
            message.as_ptr()
        ));
    }
}

/// Sends panics to the server's log instead of its standard error: the place and no more, because
/// a panic's message can hold what was being worked on.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        // SAFETY: only whether the pointer is set is read.
        if unsafe { raw::RedisModule_Log }.is_some() {
            warning(&format!("internal error at {place}; please report it"));
        }
    }));
}
