//! The native type `session-1`: its values as the blocks of memory that the server holds, and the
//! count of sessions among them.

use crate::server::block::{Block, BlockRef};
use crate::server::native::NativeType;
use crate::session::packed::{self, Packed, PackedValue};
use crate::session::Value;
use crate::stats::SESSIONS;
use std::ffi::c_void;
use std::os::raw::c_int;

/// The type of every key that holds a session or an alias.
pub static SESSION: NativeType = NativeType::new();

/// Makes the block of a value.
pub fn pack(value: &Value<'_>) -> Block {
    let packed = Packed::of(value);
    Block::new(packed.satisfied, packed.time, &packed.parts())
}

/// Reads a value from its block, except for the strings of a session.
#[inline(always)]
pub fn unpack_shape(block: BlockRef<'_>) -> PackedValue<'_> {
    packed::read_shape(block.bytes(), block.satisfied(), block.time())
}

/// Reads a value from its block.
pub fn unpack(block: BlockRef<'_>) -> Value<'_> {
    packed::read(block.bytes(), block.satisfied(), block.time())
}

/// The version of the type's encoding in RDB files and DUMP payloads. Older ones stay readable.
pub const ENCODING: c_int = 1;

/// Reads a value that the server holds.
///
/// # Safety
/// The server holds `value`, and nothing frees it or uses it on another thread during `'a`.
pub unsafe fn value<'a>(value: *const c_void) -> Value<'a> {
    // SAFETY: the caller's promise.
    unpack(unsafe { BlockRef::from_raw(value) })
}

/// Makes a value for the server to hold, and counts it.
pub fn into_raw(value: &Value<'_>) -> *mut c_void {
    count_in(value);
    pack(value).into_raw()
}

/// Counts a value that the server now holds. Aliases are never counted.
pub fn count_in(value: &Value<'_>) {
    if value.session().is_some() {
        SESSIONS.add_anywhere();
    }
}

/// Counts a value that the server no longer holds.
pub fn count_out(value: &Value<'_>) {
    if value.session().is_some() {
        SESSIONS.sub_anywhere();
    }
}
