//! Storing a session that is new under its key, as SET and IMPORT do.

use super::effect::publish_new;
use super::event::SET_EVENT;
use super::overdue;
use super::store::store;
use crate::schema::Entry;
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{Session, Value};

/// Stores a session under `key`, which is open for writing, and publishes that. `data` is the session's
/// data, which has been checked with `schema`, its own. No live session has the key. Nothing here fails.
#[inline]
pub fn create(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    mut open: WriteKey<'_>,
    mut session: Session<'_>,
    data: Arg<'_>,
    schema: Option<&Entry>,
    now: i64,
) {
    if let Some(entry) = schema {
        session.remember_satisfies(entry.revision.get());
    }
    overdue::count(&open, now);
    store(key, &mut open, &Value::Session(session), None);
    drop(open);
    publish_new(ctx, key, &session, data, &SET_EVENT);
}
