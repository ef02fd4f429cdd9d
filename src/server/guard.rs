//! Keeping panics out of the server: a panic across `extern "C"` would abort it.

use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs the body of a callback. If it panics, the panic hook logs the place, and the callback gives
/// `otherwise`.
pub fn guarded<R>(otherwise: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}
