//! The database that a client has selected when it moves or copies a key to another.
//!
//! Valkey 8.1 and 9.0 tell of `move_to` and `copy_to` in a context that is the client itself, switch
//! it to the other database for that, and leave it there (valkey-io/valkey#4024): the client's next
//! commands, and what is replicated of this one, would then be in the wrong database. Wherever the
//! server does better, to switch back changes nothing.

use super::context::Ctx;
use std::ffi::CStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const NONE: usize = usize::MAX;
static SOURCE: AtomicUsize = AtomicUsize::new(NONE);

/// Notes where a key is moved or copied from, just before the event at its destination.
pub fn note(database: usize) {
    SOURCE.store(database, Relaxed);
}

/// Selects the noted database again, after the event at the destination.
pub(super) fn restore(ctx: Ctx<'_>, event: &CStr) {
    let source = SOURCE.swap(NONE, Relaxed);
    if source != NONE && (event == c"move_to" || event == c"copy_to") {
        ctx.select(source);
    }
}
