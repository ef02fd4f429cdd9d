//! Recording that a session was read, for GET and VERIFY. The record moves the idle timeout, and
//! orders a user's sessions by their last use.
//!
//! Both commands are read-only to the server, and a recorded access is replicated. To keep reads
//! cheap, an access is recorded only if the last one lies far enough in the past, and never on a
//! replica. A recorded access also puts times right that lie in the future.

use super::effect::{replicate_access, replicate_value};
use super::live::ReadSession;
use super::store::{sooner_expiry, Update};
use crate::config;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::keyspace::state::Scratch;
use crate::server::args::Arg;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::{codec, Value};
use crate::stats;

/// How many times less often reads are recorded while a child of the server saves the data set: each
/// record copies a page of the memory that the child shares.
const SLOWER_WHILE_SAVING: i64 = 10;

/// Records the access of a read, if it is due and the server allows a write now. `named` is the
/// name that the session was opened by.
///
/// Signals neither WATCH nor client caches and fires no event: those are for changes that a client
/// can see in the data.
#[inline]
pub fn record_access(ctx: Ctx<'_>, named: Arg<'_>, found: ReadSession<'_>, now: i64) {
    let interval = config::TOUCH_INTERVAL_MS.get();
    if found.access_is_due(now, interval, 1)
        && ctx.may_record()
        && (!ctx.is_saving() || found.access_is_due(now, interval, SLOWER_WHILE_SAVING))
    {
        record_due_access(ctx, named, found, now);
    } else if found.keeps_accesses() {
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
    let sooner = sooner_expiry(&key, &session);
    let corrected = session.correct_times(now);
    session.record_access(now);
    let accessed = session.accessed();
    let mut bytes = Scratch::take();
    if corrected {
        codec::encode_session(&session, &mut bytes.0);
    }
    let update = Update::to(&session, corrected, sooner);
    let expire = update.expire();
    update.store(&mut key);
    if corrected {
        replicate_value(ctx, name, &bytes.0, expire);
    } else {
        replicate_access(ctx, name, accessed, expire);
    }
    stats::ACCESSES_RECORDED.add();
}
