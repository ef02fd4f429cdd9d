//! State that only the server's main thread touches.

use std::cell::RefCell;

/// A value that is shared by all callbacks which run while the server's global lock is held:
/// commands, events, RDB and AOF callbacks, INFO. Not for `free`, which may run on a background
/// thread.
///
/// No borrow may last across a call into the server: that call may come back to another callback,
/// and the second borrow would panic.
pub struct MainThread<T>(RefCell<T>);

// SAFETY: the server runs at most one of those callbacks at a time, and hands its lock over with
// the memory ordering of a mutex, so this is a value that moves between threads, not one that is
// shared by them. A forked child has its own copy.
unsafe impl<T: Send> Sync for MainThread<T> {}

impl<T> MainThread<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// Works on the value, making no call into the server meanwhile.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.0.borrow_mut())
    }
}
