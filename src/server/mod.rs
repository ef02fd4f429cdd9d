//! The glue to the server: everything that calls its module API or is called by it, except for the
//! callbacks of the native type (`types`). Knows nothing of what a session means.

pub mod acl;
#[cfg(not(test))]
pub mod alloc;
pub mod args;
pub mod block;
pub mod cluster;
pub mod command;
pub mod context;
pub mod event_name;
pub mod events;
pub mod guard;
pub mod info;
pub mod key;
pub mod load;
pub mod log;
pub mod main_thread;
pub mod native;
mod preamble;
pub mod rdb;
pub mod register;
pub mod replicate;
pub mod reply;
pub mod source_database;

/// Calls a function of the module API that every supported server (Redis 7.0 and later) has.
///
/// Use inside `unsafe`: the callee's contract is the caller's to keep.
macro_rules! api {
    ($function:ident($($argument:expr),* $(,)?)) => {
        (redis_module::raw::$function.expect(stringify!($function)))($($argument),*)
    };
}
pub(crate) use api;

/// What the module API returns for success.
pub const OK: std::os::raw::c_int = redis_module::raw::REDISMODULE_OK as std::os::raw::c_int;
/// What the module API returns for failure.
pub const ERR: std::os::raw::c_int = redis_module::raw::REDISMODULE_ERR as std::os::raw::c_int;
