//! Ending sessions of a user that REVOKE or MAXSESSIONS has found.

use super::effect::publish_end;
use super::overdue;
use super::user_sessions::Owned;
use crate::server::args::Arg;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::stats;

/// How many keys one replicated command names at most. A command with a million keys would take
/// much memory here and on each replica, and hold up a replica for as long as it runs.
const AT_ONCE: usize = 4096;

/// Ends sessions: deletes their keys, publishes that, and returns how many of them were live. The
/// others had already ended, but the server had not removed their keys yet.
pub fn end<'c>(ctx: Ctx<'c>, sessions: impl IntoIterator<Item = Owned<'c>>, now: i64) -> i64 {
    let mut live = 0_i64;
    let mut names: Vec<OwnedString<'_>> = Vec::new();
    for owned in sessions {
        live += i64::from(owned.is_live);
        let name = owned.close();
        let mut key = WriteKey::open(ctx, name.arg());
        overdue::count(&key, now);
        key.delete();
        drop(key);
        names.push(name);
        if names.len() == AT_ONCE {
            publish(ctx, &mut names);
        }
    }
    publish(ctx, &mut names);
    stats::REVOKED.add_many(live.cast_unsigned());
    live
}

/// Publishes that these keys were deleted, and forgets them.
fn publish(ctx: Ctx<'_>, names: &mut Vec<OwnedString<'_>>) {
    let keys: Vec<Arg<'_>> = names.iter().map(OwnedString::arg).collect();
    publish_end(ctx, &keys);
    names.clear();
}
