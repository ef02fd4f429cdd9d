//! The schema registry in RDB files and rewritten AOFs.

use super::session_type::ENCODING;
use super::state;
use crate::server::guard::guarded;
use crate::server::rdb::{load_bytes, save_bytes};
use crate::server::{log, ERR, OK};
use redis_module::raw::RedisModuleIO;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Reads the registry; it replaces the one in memory.
pub unsafe extern "C" fn load(io: *mut RedisModuleIO, encoding: c_int, _when: c_int) -> c_int {
    guarded(ERR, || {
        if encoding > ENCODING {
            log::warning(
                "the schemas were saved by a newer version of this module; upgrade it first",
            );
            return ERR;
        }
        // SAFETY: the io is valid in this callback.
        let Some(bytes) = (unsafe { load_bytes(io) }) else {
            return ERR;
        };
        match state::replace_registry(&bytes) {
            Ok(()) => OK,
            Err(why) => {
                log::warning(&format!("the saved schemas cannot be read: {why}"));
                ERR
            }
        }
    })
}

/// Writes the registry.
pub unsafe extern "C" fn save(io: *mut RedisModuleIO, _when: c_int) {
    // SAFETY: the io is valid in this callback.
    guarded((), || unsafe { save_bytes(io, &state::encoded_registry()) });
}

/// The same, but an empty registry writes nothing: an RDB file without sessions and schemas then
/// loads on a server without this module.
pub unsafe extern "C" fn save_unless_empty(io: *mut RedisModuleIO, when: c_int) {
    if !state::registry_is_empty() {
        // SAFETY: the caller's promise.
        unsafe { save(io, when) };
    }
}

/// The registry's bytes, once in each AOF rewrite that has none of this in an RDB preamble; else
/// nothing.
///
/// A rewrite is a forked child's work, so the first session that a process rewrites stands for the
/// beginning of a file: the note of it is made in that child's memory and goes with it.
pub fn for_this_rewrite() -> Option<Vec<u8>> {
    static DONE_BY: AtomicU32 = AtomicU32::new(0);
    let this = std::process::id();
    (DONE_BY.swap(this, Relaxed) != this && !state::registry_is_empty())
        .then(state::encoded_registry)
}
