//! Recording that a session was read.

use super::effect::replicate_access;
use super::live::Reading;
use super::store::Update;
use crate::config;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::server::args::Arg;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::Value;
use crate::stats;

/// Records the access of a read that was answered, if it is due and may be recorded now. No event,
/// and no signal: WATCH and caches care about data.
#[inline]
pub fn record_access(ctx: Ctx<'_>, named: Arg<'_>, found: Reading<'_>, now: i64) {
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
fn record_due_access(ctx: Ctx<'_>, named: Arg<'_>, found: Reading<'_>, now: i64) {
    let successor = found.close();
    let name = successor.as_ref().map_or(named, OwnedString::arg);
    let mut key = WriteKey::open(ctx, name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return;
    };
    session.record_access(now);
    let accessed = session.accessed();
    Update::to(&session, false).store(&mut key);
    replicate_access(ctx, name, accessed);
    stats::ACCESSES_RECORDED.add();
}
