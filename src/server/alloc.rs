//! The server's allocator for everything in this module, so that `used_memory`, maxmemory and
//! `MEMORY USAGE` see it.

use redis_module::raw;
use std::alloc::{GlobalAlloc, Layout, System};

/// The server's allocator where there is a server, and the system's elsewhere (tests and fuzzers
/// that link this crate).
pub struct ServerAlloc;

/// What the server's allocator aligns to, as malloc does.
const NATURAL_ALIGN: usize = 16;

/// A block of at least its alignment is aligned by it: jemalloc's small size classes are not else.
fn padded(layout: Layout) -> usize {
    layout.size().max(layout.align())
}

// SAFETY: a block is freed by the allocator that made it: which of the two it is is settled when
// the server hands over its API, at the very start of loading and before anything is allocated
// here; outside a server it never does. The server's functions are those of malloc, and abort
// rather than return NULL. Wider alignments than malloc's are made by hand, below.
unsafe impl GlobalAlloc for ServerAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: reading the pointer races with nothing: it is written once, see above. The
        // layout is the caller's, and wide alignments go where they are handled.
        unsafe {
            match raw::RedisModule_Alloc {
                Some(alloc) if layout.align() <= NATURAL_ALIGN => alloc(padded(layout)).cast(),
                Some(alloc) => wide(alloc(layout.size() + layout.align()).cast(), layout),
                None => System.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        unsafe {
            match raw::RedisModule_Calloc {
                Some(calloc) if layout.align() <= NATURAL_ALIGN => calloc(1, padded(layout)).cast(),
                Some(calloc) => wide(calloc(1, layout.size() + layout.align()).cast(), layout),
                None => System.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is this allocator's, with this layout (the caller's promise); a wide
        // one has the pointer that the server gave in the word before it.
        unsafe {
            match raw::RedisModule_Free {
                Some(free) if layout.align() <= NATURAL_ALIGN => free(block.cast()),
                Some(free) => free(block.cast::<*mut u8>().sub(1).read().cast()),
                None => System.dealloc(block, layout),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as for `dealloc` and `alloc`; a wide block cannot keep its offset when it moves,
        // so it is made anew and copied, no more than both have room for.
        unsafe {
            match raw::RedisModule_Realloc {
                Some(realloc) if layout.align() <= NATURAL_ALIGN => {
                    realloc(block.cast(), size.max(layout.align())).cast()
                }
                Some(_) => {
                    let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                    new.copy_from_nonoverlapping(block, size.min(layout.size()));
                    self.dealloc(block, layout);
                    new
                }
                None => System.realloc(block, layout, size),
            }
        }
    }
}

/// Finds the aligned place in a block that is longer by the alignment, and notes before it where
/// the block begins.
///
/// # Safety
/// `block` has `layout.size() + layout.align()` bytes, and malloc's alignment, which is less than
/// the layout's.
unsafe fn wide(block: *mut u8, layout: Layout) -> *mut u8 {
    // SAFETY: between 8 and `align` bytes are skipped (both are multiples of 8), so there is room
    // for a pointer before the place and for the size after it.
    unsafe {
        let place = block.add(layout.align() - block.addr() % layout.align());
        place.cast::<*mut u8>().sub(1).write(block);
        place
    }
}
