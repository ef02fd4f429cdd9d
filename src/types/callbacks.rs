//! What the server does with a value in memory.

use super::{guarded, pack, unpack};
use crate::commands::index;
use crate::server::api;
use crate::server::args::Arg;
use crate::server::block::{Block, BlockRef};
use crate::server::events::source_database;
use crate::session::{Alias, Session, Value};
use crate::stats;
use redis_module::raw::{
    RedisModuleDefragCtx, RedisModuleDigest, RedisModuleKeyOptCtx, RedisModuleString,
};
use std::ffi::c_void;
use std::os::raw::{c_int, c_longlong};

/// A value in the server's hands, as this module sees it.
///
/// # Safety
/// `value` is one that the server holds, and nothing frees it, or uses it elsewhere, during `'a`.
pub unsafe fn value<'a>(value: *const c_void) -> Value<'a> {
    // SAFETY: the caller's promise.
    unpack(unsafe { BlockRef::from_raw(value) })
}

/// Gives a value to the server.
pub fn into_raw(value: &Value<'_>) -> *mut c_void {
    stats::count_in(value.session().is_some());
    pack(value).into_raw()
}

/// Frees a value, possibly on a background thread: nothing but atomics is touched.
pub unsafe extern "C" fn free(value: *mut c_void) {
    guarded((), || {
        // SAFETY: the server frees each value once.
        let block = unsafe { Block::from_raw(value) };
        stats::count_out(unpack(block.as_ref()).session().is_some());
        index::free_some_remains();
    });
}

/// Hears that a key no longer holds a value, which may live on: under another name, or in the
/// hands of a background thread. Always on the main thread.
pub unsafe extern "C" fn unlink(ctx: *mut RedisModuleKeyOptCtx, pointer: *const c_void) {
    guarded((), || {
        // SAFETY: the context is valid in this callback, and so are the name in it and the value.
        unsafe {
            let database = api!(RedisModule_GetDbIdFromOptCtx(ctx));
            let name = Arg::new(api!(RedisModule_GetKeyNameFromOptCtx(ctx)).cast_mut());
            let database = usize::try_from(database).unwrap_or(0);
            index::unlinked(database, name.bytes(), &value(pointer));
        }
    });
}

/// How much work freeing is. A session is one block, however large, so that it is never worth a
/// background job of its own.
pub unsafe extern "C" fn free_effort(_key: *mut RedisModuleString, _value: *const c_void) -> usize {
    1
}

/// The copy that COPY asks for. Nothing is shared that either could change.
pub unsafe extern "C" fn copy(
    ctx: *mut RedisModuleKeyOptCtx,
    original: *const c_void,
) -> *mut c_void {
    guarded(std::ptr::null_mut(), || {
        // SAFETY: the context is valid in this callback; the server holds the value and does
        // nothing else meanwhile.
        let (database, original) =
            unsafe { (api!(RedisModule_GetDbIdFromOptCtx(ctx)), value(original)) };
        source_database::note(usize::try_from(database).unwrap_or(0));
        into_raw(&original)
    })
}

/// What the server itself keeps for a value of a module: its object and, behind that, the pair of type
/// and value, of 16 bytes each. It counts neither, but the first where a string is asked about.
const SERVERS_OWN: usize = 32;

/// The bytes that the allocator spends on a value.
pub unsafe extern "C" fn mem_usage(value: *const c_void) -> usize {
    // SAFETY: a value is one block of the server's allocator.
    unsafe { SERVERS_OWN + api!(RedisModule_MallocSize(value.cast_mut())) }
}

/// What DEBUG DIGEST compares: everything that is saved and replicated.
pub unsafe extern "C" fn digest(digest: *mut RedisModuleDigest, pointer: *mut c_void) {
    // SAFETY: the server holds the value; the digest is valid during this call.
    unsafe {
        match value(pointer) {
            Value::Session(session) => digest_session(digest, &session),
            Value::Alias(Alias { successor, until }) => {
                add_text(digest, successor);
                add_number(digest, until);
            }
        }
        api!(RedisModule_DigestEndSequence(digest));
    }
}

/// # Safety
/// `digest` is that of a digest callback that has not returned; so for the next two.
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
/// See [`digest_session`].
unsafe fn add_text(digest: *mut RedisModuleDigest, text: &[u8]) {
    // SAFETY: the caller's promise; the text is read during the call.
    unsafe {
        api!(RedisModule_DigestAddStringBuffer(
            digest,
            text.as_ptr().cast(),
            text.len()
        ));
    }
}

/// # Safety
/// See [`digest_session`].
unsafe fn add_number(digest: *mut RedisModuleDigest, n: i64) {
    // SAFETY: the caller's promise.
    unsafe { api!(RedisModule_DigestAddLongLong(digest, n as c_longlong)) };
}

/// Moves a session to where memory is less fragmented.
pub unsafe extern "C" fn defrag(
    ctx: *mut RedisModuleDefragCtx,
    _key: *mut RedisModuleString,
    value: *mut *mut c_void,
) -> c_int {
    // SAFETY: the server holds the value, and nothing else refers to it. It is one block of the
    // server's allocator, which DefragAlloc either leaves (NULL) or copies bytewise to a new one and
    // frees; what is in it refers to no place in it.
    unsafe {
        let moved = api!(RedisModule_DefragAlloc(ctx, *value));
        if !moved.is_null() {
            *value = moved;
        }
    }
    0
}
