//! Catches panics before they reach the server: unwinding across `extern "C"` aborts the process.
//!
//! For the body of every callback that can panic. The panic hook (`log::log_panics`) logs the place
//! before these functions return.

use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs `body`, and returns `None` if it panics.
///
/// `body` is asserted to be unwind safe: unwinding ends every borrow of shared state, and commands
/// check everything that can fail before their first change.
pub fn caught<R>(body: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

/// Runs the body of a callback, and returns `otherwise` if it panics.
pub fn guarded<R>(otherwise: R, body: impl FnOnce() -> R) -> R {
    caught(body).unwrap_or(otherwise)
}
