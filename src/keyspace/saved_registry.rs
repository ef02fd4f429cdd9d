//! The schema registry in RDB files and rewritten AOFs.
//!
//! The registry belongs to no key. In an RDB file it is the auxiliary data of the native type. A
//! rewritten AOF without an RDB preamble has no place for auxiliary data, so there the registry is
//! written as a command before the first session.

use super::session_type::ENCODING;
use super::state;
use crate::schema::{DecodeError, Registry};
use crate::server::guard::guarded;
use crate::server::rdb::{load_bytes, save_bytes};
use crate::server::{log, ERR, OK};
use redis_module::raw::RedisModuleIO;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Replaces the registry in memory by an encoded one.
///
/// # Errors
/// Damaged bytes; the registry has not changed then.
pub fn replace(bytes: &[u8]) -> Result<(), DecodeError> {
    let new = Registry::decode(bytes)?;
    state::REGISTRY.with(|registry| *registry = new);
    Ok(())
}

fn encoded() -> Vec<u8> {
    state::REGISTRY.with(|registry| registry.encode())
}

fn is_empty() -> bool {
    state::REGISTRY.with(|registry| registry.is_empty())
}

/// The callback `aux_load`: reads the registry of an RDB file, which replaces the one in memory.
pub unsafe extern "C" fn load(io: *mut RedisModuleIO, encoding: c_int, _when: c_int) -> c_int {
    guarded(ERR, || {
        if encoding > ENCODING {
            log::warning(
                "the schemas were saved by a newer version of this module; upgrade it first",
            );
            return ERR;
        }
        // SAFETY: the server's io is valid until this callback returns.
        let Some(bytes) = (unsafe { load_bytes(io) }) else {
            return ERR;
        };
        match replace(&bytes) {
            Ok(()) => OK,
            Err(damage) => {
                log::warning(&format!("the saved schemas cannot be read: {damage:?}"));
                ERR
            }
        }
    })
}

/// The callback `aux_save`: writes the registry to an RDB file.
pub unsafe extern "C" fn save(io: *mut RedisModuleIO, _when: c_int) {
    // SAFETY: the server's io is valid until this callback returns.
    guarded((), || unsafe { save_bytes(io, &encoded()) });
}

/// The callback `aux_save2`: writes the registry, or nothing if it is empty. An RDB file without
/// sessions and schemas then loads on a server without this module.
pub unsafe extern "C" fn save_unless_empty(io: *mut RedisModuleIO, when: c_int) {
    guarded((), || {
        if !is_empty() {
            // SAFETY: the server's io is valid until this callback returns.
            unsafe { save(io, when) };
        }
    });
}

/// The encoded registry for the beginning of a rewritten AOF: once in each rewrite, and none after
/// that or if the registry is empty.
///
/// Each rewrite runs in a forked child of its own, so the process ID identifies the rewrite. The
/// child records that it has written the registry in its own copy of the memory, which is discarded
/// when the child exits.
pub fn for_this_rewrite() -> Option<Vec<u8>> {
    static DONE_BY: AtomicU32 = AtomicU32::new(0);
    let this = std::process::id();
    (DONE_BY.swap(this, Relaxed) != this && !is_empty()).then(encoded)
}
