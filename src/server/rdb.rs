//! Strings in RDB files and DUMP payloads.

use super::api;
use redis_module::raw::RedisModuleIO;

/// Reads one length-prefixed string; none on a short read.
///
/// # Safety
/// `io` is that of an RDB callback that has not returned.
pub unsafe fn load_bytes(io: *mut RedisModuleIO) -> Option<Vec<u8>> {
    // SAFETY: the buffer, if there is one, is `len` bytes of the server's allocator that are this
    // callback's to free.
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
/// As for [`load_bytes`].
pub unsafe fn save_bytes(io: *mut RedisModuleIO, bytes: &[u8]) {
    // SAFETY: the bytes are copied to the file's buffer.
    unsafe {
        api!(RedisModule_SaveStringBuffer(
            io,
            bytes.as_ptr().cast(),
            bytes.len()
        ));
    }
}
