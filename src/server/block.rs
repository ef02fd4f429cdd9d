//! A value of the module's native type as one block of memory.
//!
//! The server keeps one pointer for a value. The whole value is in one allocation behind that
//! pointer: two numbers that can be changed in place, and bytes that cannot. `session::packed`
//! defines the meaning of both.

use std::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The beginning of a block. `time` is an array of bytes, because a number would align the block to
/// 8, which costs four bytes more.
#[repr(C)]
struct Header {
    len: u32,
    satisfied: Cell<u32>,
    time: Cell<[u8; 8]>,
}

/// An owned block: a header, and behind it `len` bytes.
pub struct Block(NonNull<Header>);

/// A block that the server owns, borrowed.
#[derive(Clone, Copy)]
pub struct BlockRef<'a> {
    header: NonNull<Header>,
    lifetime: PhantomData<&'a Header>,
}

/// The layout of a block with `len` bytes behind its header.
fn layout(len: usize) -> Layout {
    Layout::from_size_align(size_of::<Header>() + len, align_of::<Header>())
        .expect("data is far shorter than memory")
}

impl Block {
    /// Allocates a block that holds both numbers and all parts, one after the other.
    ///
    /// # Panics
    /// If the parts have 4 GiB or more together, which no argument of a command can have.
    pub fn new(satisfied: u32, time: i64, parts: &[&[u8]]) -> Self {
        let len = parts.iter().map(|part| part.len()).sum();
        let header = Header {
            len: u32::try_from(len).expect("data is far shorter than 4 GiB"),
            satisfied: Cell::new(satisfied),
            time: Cell::new(time.to_ne_bytes()),
        };
        let layout = layout(len);
        // SAFETY: the layout is not empty: it holds the header at least. The block has room for the
        // header and, behind it, for the bytes of all parts; nothing else points to it yet.
        unsafe {
            let Some(block) = NonNull::new(alloc(layout).cast::<Header>()) else {
                handle_alloc_error(layout)
            };
            block.write(header);
            let mut at = block.add(1).cast::<u8>();
            for part in parts.iter().filter(|part| !part.is_empty()) {
                at.copy_from_nonoverlapping(NonNull::from(*part).cast(), part.len());
                at = at.add(part.len());
            }
            Self(block)
        }
    }

    /// Borrows the block.
    pub fn as_ref(&self) -> BlockRef<'_> {
        BlockRef {
            header: self.0,
            lifetime: PhantomData,
        }
    }

    /// Hands the block over as a pointer, which [`from_raw`](Self::from_raw) takes back.
    pub fn into_raw(self) -> *mut c_void {
        let raw = self.0.as_ptr().cast();
        std::mem::forget(self);
        raw
    }

    /// Takes a block back from its pointer.
    ///
    /// # Safety
    /// `raw` came from [`into_raw`](Self::into_raw), or is where the server has moved that block
    /// since; and it is taken back only once.
    pub unsafe fn from_raw(raw: *mut c_void) -> Self {
        // SAFETY: a block's pointer is never null.
        Self(unsafe { NonNull::new_unchecked(raw.cast()) })
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let layout = layout(self.as_ref().bytes().len());
        // SAFETY: `new` allocated the block with this layout, since its length never changes. The
        // server's DefragAlloc keeps the size when it moves the block.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) }
    }
}

impl<'a> BlockRef<'a> {
    /// Borrows a block by its pointer.
    ///
    /// # Safety
    /// `raw` came from [`Block::into_raw`], nothing frees or moves the block during `'a`, and only one
    /// thread uses it meanwhile.
    pub unsafe fn from_raw(raw: *const c_void) -> Self {
        Self {
            // SAFETY: a block's pointer is never null.
            header: unsafe { NonNull::new_unchecked(raw.cast_mut().cast()) },
            lifetime: PhantomData,
        }
    }

    fn header(self) -> &'a Header {
        // SAFETY: the block lives during `'a` (the promise of `from_raw`, or the borrow in
        // `Block::as_ref`), and is changed only through its cells.
        unsafe { self.header.as_ref() }
    }

    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        let len = self.header().len as usize;
        // SAFETY: `new` wrote `len` bytes behind the header, which live as long as it and never
        // change.
        unsafe { std::slice::from_raw_parts(self.header.add(1).cast().as_ptr(), len) }
    }

    /// The first number: the set of schemas that the data is known to satisfy.
    pub fn satisfied(self) -> u32 {
        self.header().satisfied.get()
    }

    /// Changes the first number in place.
    pub fn set_satisfied(self, satisfied: u32) {
        self.header().satisfied.set(satisfied);
    }

    /// The second number: a Unix time in ms.
    pub fn time(self) -> i64 {
        i64::from_ne_bytes(self.header().time.get())
    }

    /// Changes the second number in place.
    pub fn set_time(self, time: i64) {
        self.header().time.set(time.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_follow_each_other_without_gaps() {
        let block = Block::new(7, -1, &[b"one", b"", b"two"]);
        let view = block.as_ref();
        assert_eq!(
            (view.bytes(), view.satisfied(), view.time()),
            (&b"onetwo"[..], 7, -1)
        );
    }

    #[test]
    fn an_empty_block_has_its_numbers() {
        let block = Block::new(0, 0, &[]);
        block.as_ref().set_satisfied(u32::MAX);
        block.as_ref().set_time(i64::MIN);
        let view = block.as_ref();
        assert_eq!(
            (view.bytes(), view.satisfied(), view.time()),
            (&b""[..], u32::MAX, i64::MIN)
        );
    }

    #[test]
    fn a_block_comes_back_from_its_pointer() {
        let raw = Block::new(1, 2, &[b"bytes"]).into_raw();
        // SAFETY: the pointer is that of a block, which is taken back once, after the borrow.
        unsafe {
            assert_eq!(BlockRef::from_raw(raw).bytes(), b"bytes");
            drop(Block::from_raw(raw));
        }
    }
}
