//! What the server does with a value in memory.

use super::guarded;
use crate::server::api;
use crate::session::Session;
use crate::stats;
use redis_module::raw::{RedisModuleDefragCtx, RedisModuleDigest, RedisModuleString};
use std::ffi::c_void;
use std::mem::size_of_val;
use std::os::raw::{c_int, c_longlong};

/// A value in the server's hands, as this module sees it.
///
/// # Safety
/// `value` is a session that the server holds, and nothing changes it during `'a`.
pub unsafe fn session<'a>(value: *const c_void) -> &'a Session {
    // SAFETY: the caller's promise.
    unsafe { &*value.cast() }
}

/// Gives a session to the server.
pub fn into_raw(session: Session) -> *mut c_void {
    stats::SESSIONS.add();
    Box::into_raw(Box::new(session)).cast()
}

/// Frees a value, possibly on a background thread: nothing but atomics is touched.
pub unsafe extern "C" fn free(value: *mut c_void) {
    stats::SESSIONS.sub();
    // SAFETY: the server frees each value once; it was a Box when it was given away.
    guarded((), || unsafe {
        drop(Box::from_raw(value.cast::<Session>()))
    });
}

/// How much work freeing is. A session is a handful of blocks, however large, so that it is never
/// worth a background job of its own.
pub unsafe extern "C" fn free_effort(_key: *mut RedisModuleString, _value: *const c_void) -> usize {
    1
}

/// The copy that COPY asks for. Nothing is shared that either could change.
pub unsafe extern "C" fn copy(
    _from: *mut RedisModuleString,
    _to: *mut RedisModuleString,
    value: *const c_void,
) -> *mut c_void {
    // SAFETY: the server holds the value and does nothing else meanwhile.
    let original = unsafe { session(value) };
    guarded(std::ptr::null_mut(), || into_raw(original.clone()))
}

/// The bytes that the allocator spends on a session. The schema's name is shared by all that have
/// it, and not counted.
pub unsafe extern "C" fn mem_usage(value: *const c_void) -> usize {
    // SAFETY: as for `copy`; the blocks are alive, and an empty slice or string has none.
    unsafe {
        let session = session(value);
        let block = |block: &[u8]| match size_of_val(block) {
            0 => 0,
            _ => api!(RedisModule_MallocSize(block.as_ptr().cast_mut().cast())),
        };
        api!(RedisModule_MallocSize(value.cast_mut()))
            + block(session.data())
            + block(session.user().unwrap_or_default().as_bytes())
    }
}

/// What DEBUG DIGEST compares: everything that is saved and replicated.
pub unsafe extern "C" fn digest(digest: *mut RedisModuleDigest, value: *mut c_void) {
    // SAFETY: the server holds the value; the digest is valid during this call.
    unsafe {
        let session = session(value);
        let text = |text: &[u8]| {
            api!(RedisModule_DigestAddStringBuffer(
                digest,
                text.as_ptr().cast(),
                text.len()
            ));
        };
        let number = |n: i64| api!(RedisModule_DigestAddLongLong(digest, n as c_longlong));
        text(session.data());
        number(session.version().cast_signed());
        number(session.created());
        number(session.issued());
        number(session.accessed());
        for optional in [
            session.authenticated(),
            session.timeouts().deadline,
            session.timeouts().idle,
        ] {
            number(optional.unwrap_or(-1));
        }
        text(session.schema().map_or(b"", |name| name.as_bytes()));
        text(session.user().unwrap_or_default().as_bytes());
        api!(RedisModule_DigestEndSequence(digest));
    }
}

/// Moves a session to where memory is less fragmented.
pub unsafe extern "C" fn defrag(
    ctx: *mut RedisModuleDefragCtx,
    _key: *mut RedisModuleString,
    value: *mut *mut c_void,
) -> c_int {
    // SAFETY: the server holds the value, and nothing else refers to it. A block of this crate's
    // allocator with an alignment up to malloc's is the server's own block, which DefragAlloc
    // either leaves (NULL) or copies bytewise to a new one and frees; Rust values may be moved so.
    unsafe {
        let moved = api!(RedisModule_DefragAlloc(ctx, *value));
        if !moved.is_null() {
            *value = moved;
        }
        let data = (*(*value).cast::<Session>()).data_mut();
        if !data.is_empty() {
            let moved = api!(RedisModule_DefragAlloc(ctx, data.as_mut_ptr().cast()));
            if !moved.is_null() {
                let slice = std::ptr::slice_from_raw_parts_mut(moved.cast::<u8>(), data.len());
                std::ptr::write(data, Box::from_raw(slice));
            }
        }
    }
    0
}
