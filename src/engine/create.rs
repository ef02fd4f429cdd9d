//! Storing a session that is new under its key, as SET and IMPORT do.

use super::effect::{replicate_new, signal};
use super::event::SET_EVENT;
use super::store::store_block;
use crate::keyspace::session_type::pack;
use crate::schema::Entry;
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{Session, Value};

/// Stores a session under `key`, which is open for writing, and publishes that. `data` is the session's
/// data, which has been checked with `schema`, its own. Nothing here fails.
#[inline]
pub fn create(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    mut open: WriteKey<'_>,
    mut session: Session<'_>,
    data: Arg<'_>,
    schema: Option<&Entry>,
) {
    if let Some(entry) = schema {
        session.remember_satisfies(entry.revision.get());
    }
    let value = Value::Session(session);
    let block = pack(&value);
    // Replicated from the block while that is the module's own. The effect goes out when the command ends.
    let is_held = !replicate_new(ctx, key, &session, block.as_ref().bytes(), data, &SET_EVENT);
    store_block(key, &mut open, &value, block, None);
    drop(open);
    if !is_held {
        signal(ctx, key, &SET_EVENT);
    }
}
