//! Strings in RDB files and DUMP payloads, read and written as bytes. A short read is returned to the
//! caller, because the module option HANDLE_IO_ERRORS (see `options`) keeps the server from exiting.

use super::api;
use redis_module::raw::RedisModuleIO;

/// Reads one length-prefixed string; none if the input ends before it does.
///
/// # Safety
/// `io` is that of an RDB load callback that has not returned.
pub unsafe fn load_bytes(io: *mut RedisModuleIO) -> Option<Vec<u8>> {
    // SAFETY: the io is valid (the caller's promise). The server returns null after a short read,
    // and otherwise a buffer of `len` bytes, which belongs to the caller and is freed once.
    unsafe {
        let mut len = 0;
        let buffer = api!(RedisModule_LoadStringBuffer(io, &raw mut len));
        if buffer.is_null() {
            return None;
        }
        let bytes = std::slice::from_raw_parts(buffer.cast::<u8>(), len).to_vec();
        api!(RedisModule_Free(buffer.cast()));
        (api!(RedisModule_IsIOError(io)) == 0).then_some(bytes)
    }
}

/// Writes one length-prefixed string.
///
/// # Safety
/// `io` is that of an RDB save callback that has not returned.
pub unsafe fn save_bytes(io: *mut RedisModuleIO, bytes: &[u8]) {
    // SAFETY: the io is valid (the caller's promise), and the server only reads the bytes.
    unsafe {
        api!(RedisModule_SaveStringBuffer(
            io,
            bytes.as_ptr().cast(),
            bytes.len()
        ));
    }
}
