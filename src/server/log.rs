//! Lines in the server's log, for warnings and for the places of panics. No line has session data.

use super::{api, c_string};
use redis_module::raw;
use std::ptr::null_mut;

/// Writes a line at level `warning`.
pub fn warning(message: &str) {
    let message = c_string(&message.replace('\0', "\\0"));
    // SAFETY: all strings are C strings that live through the call. The message is the argument of
    // the format's one `%s`, and never the format itself, so a `%` in it is only text. A null
    // context is allowed: the line then begins with `<module>`.
    unsafe {
        api!(RedisModule_Log(
            null_mut(),
            c"warning".as_ptr(),
            c"session: %s".as_ptr(),
            message.as_ptr()
        ));
    }
}

/// Sends panics to the server's log instead of standard error. The line has the place alone,
/// because a panic's message can hold session data.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        // SAFETY: reads a pointer that the server writes once, at the start of loading. It is null
        // only outside a server.
        if unsafe { raw::RedisModule_Log }.is_some() {
            warning(&format!("internal error at {place}; please report it"));
        }
    }));
}
