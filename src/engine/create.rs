//! Storing a session that is new under its key, as SET and IMPORT do.

use super::effect::publish;
use super::event::SET_EVENT;
use super::store::store;
use crate::keyspace::state::Scratch;
use crate::schema::Entry;
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{codec, Session, Value};

/// Stores a session under `key`, which is open for writing, and publishes that. The session's data has
/// been checked with `schema`, its own. Nothing here fails.
#[inline]
pub fn create(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    mut open: WriteKey<'_>,
    mut session: Session<'_>,
    schema: Option<&Entry>,
) {
    if let Some(entry) = schema {
        session.remember_satisfies(entry.revision.get());
    }
    let value = Value::Session(session);
    let mut bytes = Scratch::take();
    codec::encode(&value, &mut bytes.0);
    store(key, &mut open, &value, None);
    drop(open);
    publish(ctx, key, &bytes.0, &SET_EVENT, None);
}
