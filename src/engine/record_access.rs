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
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::Value;
use crate::stats;

/// Records the access of a read, if it is due and the server allows a write now. `named` is the
/// name that the session was opened by.
///
/// Signals neither WATCH nor client caches and fires no event: those are for changes that a client
/// can see in the data.
#[inline]
pub fn record_access(ctx: Ctx<'_>, named: Arg<'_>, found: ReadSession<'_>, now: i64) {
    if !found.keeps_accesses() {
        return;
    }
    if found.access_is_due(now, config::TOUCH_INTERVAL_MS.get()) && ctx.may_record() {
        record_due_access(ctx, named, found, now);
    } else {
        stats::ACCESSES_NOT_RECORDED.add();
    }
}

#[inline(never)]
fn record_due_access(ctx: Ctx<'_>, named: Arg<'_>, found: ReadSession<'_>, now: i64) {
    let successor = found.close();
    let name = successor.as_ref().map_or(named, OwnedString::arg);
    let mut key = WriteKey::open(ctx, name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return;
    };
    session.record_access(now);
    let accessed = session.accessed();
    Update::to(&session, false).store(name, &mut key);
    replicate_access(ctx, name, accessed);
    stats::ACCESSES_RECORDED.add();
}
