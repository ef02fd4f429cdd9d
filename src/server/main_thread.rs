//! State that is used only while the server's global lock is held.

use std::cell::RefCell;

/// A value shared by the callbacks that run under the server's global lock: commands, events, RDB
/// and AOF callbacks, INFO. Not for the type callback `free`, which may run on a background thread.
///
/// No borrow may last across a call into the server: the call can run another callback, whose borrow
/// would panic.
pub struct MainThread<T>(RefCell<T>);

// SAFETY: only one thread at a time holds the server's lock, and the lock orders memory as a mutex
// does. So the value moves between threads, which `T: Send` allows, and is never shared by two. A
// forked child has its own copy.
unsafe impl<T: Send> Sync for MainThread<T> {}

impl<T> MainThread<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// Runs `work` on the value. `work` must make no call into the server.
    ///
    /// # Panics
    /// If the value is already borrowed.
    #[inline]
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.0.borrow_mut())
    }
}
