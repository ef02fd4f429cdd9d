//! The module API: every call into the server (Redis or Valkey), and every callback from it except
//! those of the native type, which are in `keyspace`.
//!
//! The layers above use safe wrappers: a call's context (`context`), its arguments (`args`), open
//! keys (`key`), replies (`reply`), replication and events (`replicate`). Nothing here depends on
//! the content of a session. Each workaround for a server has a file of its own, which begins with the
//! server, its versions and the symptom: `acl_categories`, `aof_preamble`, `caller_name`, `options`,
//! `redaction`, `source_database` and `trim`.

pub mod acl;
mod acl_categories;
#[cfg(not(test))]
pub mod alloc;
mod aof_preamble;
pub mod args;
pub mod block;
mod call;
mod caller_name;
pub mod cluster;
pub mod command;
mod command_info;
pub mod command_spec;
pub mod context;
pub mod event_name;
pub mod guard;
pub mod info;
pub mod key;
pub mod load;
pub mod log;
pub mod main_thread;
pub mod native;
mod options;
pub mod rdb;
mod redaction;
mod register;
pub mod replicate;
pub mod reply;
mod settings;
pub mod source_database;
pub mod subscriptions;
// Never part of a release; the file says why.
#[cfg(debug_assertions)]
mod test_hooks;
mod trim;

/// Calls a function of the module API that every supported server (Redis 7.0 and later, Valkey)
/// has.
///
/// Use it inside `unsafe`, whose SAFETY line covers the function's own conditions. To read the
/// function's pointer is sound everywhere: the server writes it once, at the start of loading.
macro_rules! api {
    ($function:ident($($argument:expr),* $(,)?)) => {
        (redis_module::raw::$function.expect(stringify!($function)))($($argument),*)
    };
}
pub(crate) use api;

/// The module API's return value for success.
pub const OK: std::os::raw::c_int = redis_module::raw::REDISMODULE_OK as std::os::raw::c_int;
/// The module API's return value for failure.
pub const ERR: std::os::raw::c_int = redis_module::raw::REDISMODULE_ERR as std::os::raw::c_int;

/// Copies a text to a C string; an empty one if the text has a NUL, which the module's own texts
/// never have.
fn c_string(text: &str) -> std::ffi::CString {
    std::ffi::CString::new(text).unwrap_or_default()
}
