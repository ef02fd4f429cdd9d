//! A value of the server's as one block of memory, which a single pointer stands for.

use std::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// What stands before the bytes. `stamp` is not a number here: that would align the block to 8, and
/// cost four bytes more.
#[repr(C)]
struct Head {
    len: u32,
    note: Cell<u32>,
    stamp: Cell<[u8; 8]>,
}

/// Bytes that never change, and two numbers that may: a note and a stamp, whatever the owner means by
/// them. One allocation, and one pointer, which is what the server keeps of a value.
pub struct Block(NonNull<Head>);

/// A block that somebody else owns.
#[derive(Clone, Copy)]
pub struct BlockRef<'a> {
    head: NonNull<Head>,
    lifetime: PhantomData<&'a Head>,
}

/// The layout of a block with so many bytes.
fn layout(len: usize) -> Layout {
    Layout::from_size_align(size_of::<Head>() + len, align_of::<Head>())
        .expect("data is far shorter than memory")
}

impl Block {
    /// A block of all these bytes, one part after the other.
    ///
    /// # Panics
    /// Where the parts have 4 GiB together, which no argument of a command can have.
    pub fn new(note: u32, stamp: i64, parts: &[&[u8]]) -> Self {
        let len = parts.iter().map(|part| part.len()).sum();
        let head = Head {
            len: u32::try_from(len).expect("data is far shorter than 4 GiB"),
            note: Cell::new(note),
            stamp: Cell::new(stamp.to_ne_bytes()),
        };
        let layout = layout(len);
        // SAFETY: the layout has a size, that of the head at least. The block has room for the head
        // and, behind it, for the bytes of all parts, to which nothing else points yet.
        unsafe {
            let Some(block) = NonNull::new(alloc(layout).cast::<Head>()) else {
                handle_alloc_error(layout)
            };
            block.write(head);
            let mut at = block.add(1).cast::<u8>();
            for part in parts {
                at.copy_from_nonoverlapping(NonNull::from(*part).cast(), part.len());
                at = at.add(part.len());
            }
            Self(block)
        }
    }

    /// The block, to read.
    pub fn as_ref(&self) -> BlockRef<'_> {
        BlockRef {
            head: self.0,
            lifetime: PhantomData,
        }
    }

    /// Gives it away as a pointer.
    pub fn into_raw(self) -> *mut c_void {
        let raw = self.0.as_ptr().cast();
        std::mem::forget(self);
        raw
    }

    /// Takes it back.
    ///
    /// # Safety
    /// `raw` is what [`into_raw`](Self::into_raw) gave, or where that block has been moved since, and
    /// nobody else takes it.
    pub unsafe fn from_raw(raw: *mut c_void) -> Self {
        // SAFETY: a block's pointer is never null.
        Self(unsafe { NonNull::new_unchecked(raw.cast()) })
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let layout = layout(self.as_ref().bytes().len());
        // SAFETY: made by `new` with this layout, as its length has not changed.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) }
    }
}

impl<'a> BlockRef<'a> {
    /// Borrows a block by its pointer.
    ///
    /// # Safety
    /// `raw` is what [`Block::into_raw`] gave, nothing frees or moves the block during `'a`, and only
    /// one thread uses it meanwhile.
    pub unsafe fn from_raw(raw: *const c_void) -> Self {
        Self {
            // SAFETY: a block's pointer is never null.
            head: unsafe { NonNull::new_unchecked(raw.cast_mut().cast()) },
            lifetime: PhantomData,
        }
    }

    fn head(self) -> &'a Head {
        // SAFETY: the block lives during 'a, and is changed only through its cells.
        unsafe { self.head.as_ref() }
    }

    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        let len = self.head().len as usize;
        // SAFETY: `len` bytes stand behind the head, and never change.
        unsafe { std::slice::from_raw_parts(self.head.add(1).cast().as_ptr(), len) }
    }

    /// The note.
    pub fn note(self) -> u32 {
        self.head().note.get()
    }

    /// Leaves a note.
    pub fn set_note(self, note: u32) {
        self.head().note.set(note);
    }

    /// The stamp.
    pub fn stamp(self) -> i64 {
        i64::from_ne_bytes(self.head().stamp.get())
    }

    /// Sets the stamp.
    pub fn set_stamp(self, stamp: i64) {
        self.head().stamp.set(stamp.to_ne_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_one_after_the_other() {
        let block = Block::new(7, -1, &[b"one", b"", b"two"]);
        let view = block.as_ref();
        assert_eq!(
            (view.bytes(), view.note(), view.stamp()),
            (&b"onetwo"[..], 7, -1)
        );
    }

    #[test]
    fn an_empty_block_has_its_numbers() {
        let block = Block::new(0, 0, &[]);
        block.as_ref().set_note(u32::MAX);
        block.as_ref().set_stamp(i64::MIN);
        let view = block.as_ref();
        assert_eq!(
            (view.bytes(), view.note(), view.stamp()),
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
