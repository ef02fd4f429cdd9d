//! The callbacks of the native type that write and read its values: RDB files, DUMP and RESTORE
//! payloads, and the rewritten AOF. All use the encoding of `session::codec`.

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

/// Reads a value of an RDB file or a RESTORE payload. Returns NULL, which the server turns into an
/// error, for bytes that are damaged or that a newer version of the module wrote.
pub unsafe extern "C" fn rdb_load(io: *mut RedisModuleIO, encoding: c_int) -> *mut c_void {
    guarded(null_mut(), || {
        if encoding > ENCODING {
            log::warning("a session was saved by a newer version of this module; upgrade it first");
            return null_mut();
        }
        // SAFETY: the server's io is valid until this callback returns.
        let Some(bytes) = (unsafe { load_bytes(io) }) else {
            return null_mut();
        };
        // A file that the server loads is its own or its primary's, and is trusted. A RESTORE
        // payload is user input: without a check a session could hold data that is not JSON.
        let trusted = is_loading();
        match codec::decode(&bytes) {
            Ok(Value::Session(session)) if !trusted && !is_strict_json(session.data()) => {
                null_mut()
            }
            Ok(value) => {
                index::expect_loaded();
                into_raw(&value)
            }
            Err(damage) => {
                if trusted {
                    log::warning(&format!("a saved session cannot be read: {damage:?}"));
                }
                null_mut()
            }
        }
    })
}

/// Whether this is strict JSON, as SESSION.SET takes it. Its length is not limited.
fn is_strict_json(data: &[u8]) -> bool {
    state::is_strict_json(data) || state::ARENA.with(|arena| arena.parse(data).is_ok())
}

/// Writes a value to an RDB file or a DUMP payload.
pub unsafe extern "C" fn rdb_save(io: *mut RedisModuleIO, pointer: *mut c_void) {
    guarded((), || {
        let mut bytes = Vec::new();
        // SAFETY: the pointer is a value of this type that the server holds and neither changes nor
        // frees until this callback returns; the io is valid as long.
        unsafe {
            codec::encode(&value(pointer), &mut bytes);
            save_bytes(io, &bytes);
        }
    });
}

/// Writes to a rewritten AOF the command that stores a value. Before the first value it also writes
/// the registry. The server adds the expiry of the key itself.
pub unsafe extern "C" fn aof_rewrite(
    io: *mut RedisModuleIO,
    key: *mut RedisModuleString,
    pointer: *mut c_void,
) {
    guarded((), || {
        let mut bytes = Vec::new();
        // SAFETY: the pointer is a value of this type that the server holds and neither changes nor
        // frees until this callback returns; io and key are valid as long. The arguments match
        // their formats: an `s` takes a server string, a `b` a pointer and a length.
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
