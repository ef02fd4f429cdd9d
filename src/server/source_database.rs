//! Switches a client back to its own database after MOVE or COPY to another one.
//!
//! Workaround. Servers: Valkey 8.1 and 9.0 (valkey-io/valkey#4024). Fault: for the events `move_to`
//! and `copy_to` they pass the client itself as the context, switch it to the other database, and
//! leave it there. Symptom: the client's next commands, and the replication of this one, use the
//! wrong database. On other servers the switch back changes nothing.

use super::context::Ctx;
use std::ffi::CStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const NONE: usize = usize::MAX;
static SOURCE: AtomicUsize = AtomicUsize::new(NONE);

/// Remembers the database that a key is moved or copied from. Called just before the event at the
/// destination.
pub fn remember(database: usize) {
    SOURCE.store(database, Relaxed);
}

/// Selects the remembered database again. Called after each event by which a key arrives; for events
/// other than `move_to` and `copy_to` it only forgets the database.
pub(super) fn restore(ctx: Ctx<'_>, event: &CStr) {
    let source = SOURCE.swap(NONE, Relaxed);
    if source != NONE && (event == c"move_to" || event == c"copy_to") {
        ctx.select(source);
    }
}
