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
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::{codec, Value};
use crate::stats;

/// How many times less often reads are recorded while a child of the server saves the data set: each
/// record copies a page of the memory that the child shares.
const SLOWER_WHILE_SAVING: i64 = 10;

/// Whether the access of a read is to be recorded now: it is due, and the server allows a write.
#[inline]
#[must_use]
pub fn is_due(ctx: Ctx<'_>, found: &ReadSession<'_>, now: i64) -> bool {
    let interval = config::TOUCH_INTERVAL_MS.get();
    if found.access_is_due(now, interval, 1)
        && ctx.may_record()
        && (!ctx.is_saving() || found.access_is_due(now, interval, SLOWER_WHILE_SAVING))
    {
        return true;
    }
    if found.keeps_accesses() {
        stats::ACCESSES_NOT_RECORDED.add();
    }
    false
}

/// Records the access of a read that [`is_due`]. `named` is the name that the session was opened by.
/// Returns whether the session is still there; if it is not, `found` must not be used any more.
///
/// Call it before the reply begins: an access that cannot be recorded must not follow a reply. The
/// reply then comes from `found`, which has the session as it is stored now.
///
/// Signals neither WATCH nor client caches and fires no event: those are for changes that a client
/// can see in the data.
#[inline(never)]
#[must_use]
pub fn record<'c>(ctx: Ctx<'c>, named: Arg<'_>, found: &mut ReadSession<'c>, now: i64) -> bool {
    found.key.close();
    let name = found.name(named);
    let mut key = WriteKey::open(ctx, name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return false;
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
    update.store(name, &mut key);
    if corrected {
        replicate_value(ctx, name, &bytes.0, expire);
    } else {
        replicate_access(ctx, name, accessed, expire);
    }
    stats::ACCESSES_RECORDED.add();
    // The same handle serves the reply, so the key is not opened a third time.
    found.go_on_with(key.into_read())
}
