//! The callbacks of the native type for values in memory: freeing, unlinking, copying, measuring,
//! digesting and moving them. The callbacks for files are in `persist`.
//!
//! Only `free` may run on a background thread.

use super::index;
use super::session_type::{count_out, into_raw, unpack, value};
use crate::server::args::Arg;
use crate::server::block::Block;
use crate::server::guard::guarded;
use crate::server::{api, source_database};
use crate::session::{Alias, Session, Value};
use redis_module::raw::{
    RedisModuleDefragCtx, RedisModuleDigest, RedisModuleKeyOptCtx, RedisModuleString,
};
use std::ffi::c_void;
use std::os::raw::{c_int, c_longlong};

/// Frees a value, and some memory of index entries that a flush has dropped. Can run on a
/// background thread, so it must not touch state of the main thread.
pub unsafe extern "C" fn free(value: *mut c_void) {
    guarded((), || {
        // SAFETY: the pointer is a value that this module gave to the server, and the server frees
        // each value once and does not use it after.
        let block = unsafe { Block::from_raw(value) };
        count_out(&unpack(block.as_ref()));
        index::free_some_remains();
    });
}

/// Called when a key no longer holds a value. The value itself may live on, under another name or
/// until a background thread frees it. Always runs on the main thread.
pub unsafe extern "C" fn unlink(ctx: *mut RedisModuleKeyOptCtx, pointer: *const c_void) {
    guarded((), || {
        // SAFETY: the context, the key's name in it and the value are valid until this callback
        // returns.
        unsafe {
            let database = api!(RedisModule_GetDbIdFromOptCtx(ctx));
            let name = Arg::new(api!(RedisModule_GetKeyNameFromOptCtx(ctx)).cast_mut());
            let database = usize::try_from(database).unwrap_or(0);
            index::unlinked(database, name.bytes(), &value(pointer));
        }
    });
}

/// The work of freeing a value, by which UNLINK decides whether to leave it to a background thread.
/// A value is one block, whatever its size, so a background thread is never worth it.
pub unsafe extern "C" fn free_effort(_key: *mut RedisModuleString, _value: *const c_void) -> usize {
    1
}

/// Copies a value for COPY. Original and copy share no memory.
pub unsafe extern "C" fn copy(
    ctx: *mut RedisModuleKeyOptCtx,
    original: *const c_void,
) -> *mut c_void {
    guarded(std::ptr::null_mut(), || {
        // SAFETY: the context is valid until this callback returns, and the server neither changes
        // nor frees the original meanwhile.
        let (database, original) =
            unsafe { (api!(RedisModule_GetDbIdFromOptCtx(ctx)), value(original)) };
        source_database::remember(usize::try_from(database).unwrap_or(0));
        into_raw(&original)
    })
}

/// The bytes that the server itself allocates for a module's value: 16 for the object, and 16 for
/// the pair of type and value. MEMORY USAGE counts the object of a string, but neither of these for
/// a module, so they are added here to make the numbers comparable.
const SERVER_OVERHEAD: usize = 32;

/// The bytes of memory that a value takes, for MEMORY USAGE.
pub unsafe extern "C" fn mem_usage(value: *const c_void) -> usize {
    // SAFETY: a value is one block of the server's allocator, and valid during the call.
    unsafe { SERVER_OVERHEAD + api!(RedisModule_MallocSize(value.cast_mut())) }
}

/// Adds everything that is saved and replicated to the digest of DEBUG DIGEST, by which a primary
/// and its replica can be compared.
pub unsafe extern "C" fn digest(digest: *mut RedisModuleDigest, pointer: *mut c_void) {
    // SAFETY: the server neither changes nor frees the value until this callback returns, and the
    // digest is valid as long.
    guarded((), || unsafe {
        match value(pointer) {
            Value::Session(session) => digest_session(digest, &session),
            Value::Alias(Alias { successor, until }) => {
                add_text(digest, successor);
                add_number(digest, until);
            }
        }
        api!(RedisModule_DigestEndSequence(digest));
    });
}

/// # Safety
/// `digest` is the argument of a digest callback that has not returned.
unsafe fn digest_session(digest: *mut RedisModuleDigest, session: &Session<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        add_text(digest, session.data());
        add_number(digest, session.version().cast_signed());
        add_number(digest, session.created());
        add_number(digest, session.issued());
        add_number(digest, session.accessed());
        for optional in [
            session.authenticated(),
            session.timeouts().deadline,
            session.timeouts().idle,
        ] {
            add_number(digest, optional.unwrap_or(-1));
        }
        add_text(digest, session.schema().unwrap_or_default().as_bytes());
        add_text(digest, session.user().unwrap_or_default().as_bytes());
    }
}

/// # Safety
/// As for [`digest_session`].
unsafe fn add_text(digest: *mut RedisModuleDigest, text: &[u8]) {
    // SAFETY: the caller's promise about the digest; pointer and length are those of the text,
    // which the server only reads during the call.
    unsafe {
        api!(RedisModule_DigestAddStringBuffer(
            digest,
            text.as_ptr().cast(),
            text.len()
        ));
    }
}

/// # Safety
/// As for [`digest_session`].
unsafe fn add_number(digest: *mut RedisModuleDigest, n: i64) {
    // SAFETY: the caller's promise.
    unsafe { api!(RedisModule_DigestAddLongLong(digest, n as c_longlong)) };
}

/// Moves a value to less fragmented memory, if the server has a better place for it.
pub unsafe extern "C" fn defrag(
    ctx: *mut RedisModuleDefragCtx,
    _key: *mut RedisModuleString,
    value: *mut *mut c_void,
) -> c_int {
    // SAFETY: `value` points to the server's pointer to a value, and nothing else points to that
    // value. It is one block of the server's allocator without pointers into itself, so it may be
    // copied bytewise: DefragAlloc either does so and frees the old block, or returns NULL and
    // leaves it.
    unsafe {
        let moved = api!(RedisModule_DefragAlloc(ctx, *value));
        if !moved.is_null() {
            *value = moved;
        }
    }
    0
}
