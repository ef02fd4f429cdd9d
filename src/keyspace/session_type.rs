//! The native type `session-1`, and the block of memory that stands for each of its values.

use crate::server::block::{Block, BlockRef};
use crate::server::native::NativeType;
use crate::session::packed::{self, Kind, Packed};
use crate::session::Value;
use crate::stats::SESSIONS;
use std::ffi::c_void;
use std::os::raw::c_int;

/// The type of every session's key.
pub static SESSION: NativeType = NativeType::new();

/// The block that stands for a value.
pub fn pack(value: &Value<'_>) -> Block {
    let packed = Packed::of(value);
    Block::new(packed.note, packed.stamp, &packed.parts())
}

/// What a block stands for, before its texts are read.
#[inline(always)]
pub fn kind(block: BlockRef<'_>) -> Kind<'_> {
    packed::kind(block.bytes(), block.note(), block.stamp())
}

/// What a block stands for.
pub fn unpack(block: BlockRef<'_>) -> Value<'_> {
    packed::read(block.bytes(), block.note(), block.stamp())
}

/// The encoding of RDB files and DUMP payloads; older ones stay readable.
pub const ENCODING: c_int = 1;

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
