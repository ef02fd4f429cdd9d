//! RDB, DUMP and RESTORE, and the rewritten AOF.

use super::session_type::{into_raw, value, ENCODING};
use super::{index, saved_registry, state};
use crate::server::context::is_loading;
use crate::server::guard::guarded;
use crate::server::rdb::{load_bytes, save_bytes};
use crate::server::{api, log};
use crate::session::{codec, Value};
use redis_module::raw::{RedisModuleIO, RedisModuleString};
use std::ffi::c_void;
use std::os::raw::c_int;
use std::ptr::null_mut;

/// Reads a session of an RDB file or a RESTORE payload. Gives NULL, and so a clean error, for
/// whatever is damaged or newer than this module.
pub unsafe extern "C" fn rdb_load(io: *mut RedisModuleIO, encoding: c_int) -> *mut c_void {
    guarded(null_mut(), || {
        if encoding > ENCODING {
            log::warning("a session was saved by a newer version of this module; upgrade it first");
            return null_mut();
        }
        // SAFETY: the io is valid in this callback.
        let Some(bytes) = (unsafe { load_bytes(io) }) else {
            return null_mut();
        };
        // A file of the server's own has a checksum and is believed; a RESTORE payload is
        // whatever somebody sent, and must not become a session whose data is no JSON.
        let believed = is_loading();
        match codec::decode(&bytes) {
            Ok(Value::Session(session)) if !believed && !state::is_strict_json(session.data()) => {
                null_mut()
            }
            Ok(value) => {
                index::read();
                into_raw(&value)
            }
            Err(damage) => {
                if believed {
                    log::warning(&format!("a saved session cannot be read: {damage:?}"));
                }
                null_mut()
            }
        }
    })
}

/// Writes a session to an RDB file or a DUMP payload.
pub unsafe extern "C" fn rdb_save(io: *mut RedisModuleIO, pointer: *mut c_void) {
    guarded((), || {
        let mut bytes = Vec::new();
        // SAFETY: the server holds the value, and the io is valid in this callback.
        unsafe {
            codec::encode(&value(pointer), &mut bytes);
            save_bytes(io, &bytes);
        }
    });
}

/// Writes the command that makes a session to a rewritten AOF. The server adds the expiry.
pub unsafe extern "C" fn aof_rewrite(
    io: *mut RedisModuleIO,
    key: *mut RedisModuleString,
    pointer: *mut c_void,
) {
    guarded((), || {
        let mut bytes = Vec::new();
        // SAFETY: as for `rdb_save`; the formats name what follows them: `s` a server string, `b`
        // a pointer and a length.
        unsafe {
            if let Some(registry) = saved_registry::for_this_rewrite() {
                api!(RedisModule_EmitAOF(
                    io,
                    c"SESSION._REGISTRY".as_ptr(),
                    c"b".as_ptr(),
                    registry.as_ptr(),
                    registry.len()
                ));
            }
            codec::encode(&value(pointer), &mut bytes);
            api!(RedisModule_EmitAOF(
                io,
                c"SESSION._PUT".as_ptr(),
                c"sb".as_ptr(),
                key,
                bytes.as_ptr(),
                bytes.len()
            ));
        }
    });
}
