//! Recording that a session was read, for GET and VERIFY. The record moves the idle timeout, and
//! orders a user's sessions by their last use.
//!
//! Both commands are read-only to the server, and a recorded access is replicated. To keep reads
//! cheap, an access is recorded only if the last one lies far enough in the past, and never on a
//! replica.

use super::effect::replicate_access;
use super::live::ReadSession;
use super::store::Update;
use crate::config;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::Value;
use crate::stats;

/// Records the access of a read, if it is due and the server allows a write now. `named` is the
/// name that the session was opened by. Returns whether the session is still there; if it is not,
/// `found` must not be used any more.
///
/// Call it before the reply begins: an access that cannot be recorded must not follow a reply. The
/// reply then comes from `found`, which has the session as it is stored now.
///
/// Signals neither WATCH nor client caches and fires no event: those are for changes that a client
/// can see in the data.
#[inline]
#[must_use]
pub fn record_access<'c>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    found: &mut ReadSession<'c>,
    now: i64,
) -> bool {
    if !found.keeps_accesses() {
        return true;
    }
    if found.access_is_due(now, config::TOUCH_INTERVAL_MS.get()) && ctx.may_record() {
        return record_due_access(ctx, named, found, now);
    }
    stats::ACCESSES_NOT_RECORDED.add();
    true
}

#[inline(never)]
fn record_due_access<'c>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    found: &mut ReadSession<'c>,
    now: i64,
) -> bool {
    found.key.close();
    let name = found.name(named);
    let mut key = WriteKey::open(ctx, name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return false;
    };
    session.record_access(now);
    let accessed = session.accessed();
    Update::to(&session, false).store(&mut key);
    replicate_access(ctx, name, accessed);
    stats::ACCESSES_RECORDED.add();
    // The same handle serves the reply, so the key is not opened a third time.
    found.go_on_with(key.into_read())
}
