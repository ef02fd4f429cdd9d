//! The global allocator: all memory of this module comes from the server's allocator, so that
//! `used_memory`, maxmemory and `MEMORY USAGE` count it.
//!
//! The crate `redis-module` has an allocator as well, but that copies on every growth of a `Vec`, and
//! aborts outside a server.

use redis_module::raw;
use std::alloc::{GlobalAlloc, Layout, System};

/// The server's allocator; outside a server (tests and fuzzers that link this crate) the system's.
pub struct ServerAlloc;

/// The alignment, in bytes, of each block of the server's allocator of this size or more; as malloc's.
const NATURAL_ALIGN: usize = 16;

/// The size to ask for: at least the alignment, because jemalloc aligns blocks of less than 16 bytes
/// to 8 bytes only.
fn padded(layout: Layout) -> usize {
    layout.size().max(layout.align())
}

// SAFETY: every block is freed by the allocator that made it. The server sets its function pointers
// at the very start of loading, before this module allocates anything; outside a server they are
// never set. The server's functions keep the contract of malloc, and abort the process rather than
// return NULL. They align to NATURAL_ALIGN; `wide` makes wider alignments. No function here panics.
unsafe impl GlobalAlloc for ServerAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the function pointer is written once, before any allocation, so that this read
        // races with no write. The size is not 0 (the caller's promise). `wide` gets a block that is
        // longer than the layout by the alignment.
        unsafe {
            match raw::RedisModule_Alloc {
                Some(alloc) if layout.align() <= NATURAL_ALIGN => alloc(padded(layout)).cast(),
                Some(alloc) => wide(alloc(layout.size() + layout.align()).cast(), layout),
                None => System.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`. `wide` writes only before the place that it returns, so the
        // returned block is still zero.
        unsafe {
            match raw::RedisModule_Calloc {
                Some(calloc) if layout.align() <= NATURAL_ALIGN => calloc(1, padded(layout)).cast(),
                Some(calloc) => wide(calloc(1, layout.size() + layout.align()).cast(), layout),
                None => System.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: this allocator made the block with this layout (the caller's promise). Before a
        // block of wide alignment, `wide` has written the pointer that the server returned.
        unsafe {
            match raw::RedisModule_Free {
                Some(free) if layout.align() <= NATURAL_ALIGN => free(block.cast()),
                Some(free) => free(block.cast::<*mut u8>().sub(1).read().cast()),
                None => System.dealloc(block, layout),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: this allocator made the block with this layout, and `size` is not 0 and does not
        // overflow when rounded up to the alignment (the caller's promises). A block of wide
        // alignment would lose it when the server moves it, so a new block is made; the copy is as
        // long as the shorter of the two.
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

/// Returns the first aligned place that is not the start of the block, and writes the pointer to the
/// start just before that place, for `dealloc`.
///
/// # Safety
/// `block` has `layout.size() + layout.align()` bytes and is aligned to at least 8 bytes. The
/// layout's alignment is more than NATURAL_ALIGN.
unsafe fn wide(block: *mut u8, layout: Layout) -> *mut u8 {
    // SAFETY: at least 8 and at most `align` bytes are skipped, since both the address and the
    // alignment are multiples of 8. So a pointer fits before the place, and the size after it.
    unsafe {
        let place = block.add(layout.align() - block.addr() % layout.align());
        place.cast::<*mut u8>().sub(1).write(block);
        place
    }
}
