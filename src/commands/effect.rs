//! What a change does beyond the value: expiry, replication, events.

use super::find::Reading;
use super::{index, is_cluster};
use crate::config;
use crate::schema::Definition;
use crate::server::args::Arg;
use crate::server::block::Block;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::keyspace::Event;
use crate::server::native::Found;
use crate::session::{Session, Timeouts, Value};
use crate::slots::slot_of;
use crate::stats;
use crate::types::{pack, unpack, SESSION};

/// The event of SESSION.SET.
pub static SET_EVENT: Event = Event::new(c"session.set");
/// The event of SESSION.TOUCH.
pub static TOUCH_EVENT: Event = Event::new(c"session.touch");
/// The event on every key that the module ends.
pub static END_EVENT: Event = Event::new(c"session.end");

/// The event of SESSION.PATCH.
pub static PATCH_EVENT: Event = Event::new(c"session.patch");
/// The event of SESSION.POP.
pub static POP_EVENT: Event = Event::new(c"session.pop");
/// The event of SESSION.ROTATE, on the new key, and on the old one if it stays as an alias.
pub static ROTATE_EVENT: Event = Event::new(c"session.rotate");

/// Puts a value in the place of whatever the key holds.
pub fn store(name: Arg<'_>, key: &mut WriteKey<'_>, value: &Value<'_>) {
    let end = value.end();
    let database = key.database();
    stats::count_in(value.session().is_some());
    if let Found::Value(before) = key.get(&SESSION).map(unpack) {
        index::stored(database, name, before.user(), value.user());
        stats::count_out(before.session().is_some());
        key.replace(&SESSION, pack(value));
        key.set_expire(end);
    } else {
        index::stored(database, name, None, value.user());
        key.set(&SESSION, pack(value), end);
    }
}

/// What has become of a live session: all of it where more than its last access has changed.
pub struct Update {
    whole: Option<Block>,
    accessed: i64,
    end: Option<i64>,
}

impl Update {
    /// To this, which differs in more than the last access if `changed`.
    pub fn to(session: &Session<'_>, changed: bool) -> Self {
        Self {
            whole: changed.then(|| pack(&Value::Session(*session))),
            accessed: session.accessed(),
            end: session.end(),
        }
    }

    /// Puts it in the place of the session that it was made from. Gives whether the key now expires
    /// at another time than before, as it does after each access with an idle timeout, and where
    /// PERSIST or EXPIRE had parted the key's expiry from the session's end.
    pub fn store(self, key: &mut WriteKey<'_>) -> bool {
        if let Some(session) = self.whole {
            key.replace(&SESSION, session);
        } else if let Found::Value(block) = key.get(&SESSION) {
            block.set_stamp(self.accessed);
        }
        key.set_expire(self.end)
    }
}

/// Tells the world of a change: replicas and AOF by its effect, then WATCH, caches and events.
pub fn publish(ctx: Ctx<'_>, name: Arg<'_>, encoded: &[u8], event: &Event) {
    ctx.replicate_bytes(c"SESSION._PUT", name, encoded, event);
    ctx.signal_modified(name);
    ctx.notify(event, name);
}

/// Tells the world that keys are gone: replicas and AOF, then WATCH, caches and events.
pub fn publish_end(ctx: Ctx<'_>, keys: &[Arg<'_>]) {
    if keys.is_empty() {
        return;
    }
    replicate_end(ctx, keys);
    for &key in keys {
        ctx.signal_modified(key);
        ctx.notify(&END_EVENT, key);
    }
}

/// One DEL; in a cluster one for each slot, as REVOKE ends sessions of many: Valkey 9 gives up
/// every move of slots from this node when a command with keys of several slots is replicated.
fn replicate_end(ctx: Ctx<'_>, keys: &[Arg<'_>]) {
    if !is_cluster() {
        ctx.replicate_strings(c"DEL", keys);
        return;
    }
    let mut keys = keys.to_vec();
    keys.sort_by_cached_key(|key| slot_of(key.bytes()));
    for of_slot in keys.chunk_by(|a, b| slot_of(a.bytes()) == slot_of(b.bytes())) {
        ctx.replicate_strings(c"DEL", of_slot);
    }
}

/// Replicates that a session was accessed and nothing else.
pub fn replicate_access(ctx: Ctx<'_>, name: Arg<'_>, accessed: i64) {
    ctx.replicate_integers(c"SESSION._TOUCH", name, &[accessed]);
}

/// Replicates an explicit TOUCH: the access and both timeouts as they are now.
pub fn replicate_touch(ctx: Ctx<'_>, name: Arg<'_>, accessed: i64, timeouts: Timeouts) {
    let Timeouts { deadline, idle } = timeouts;
    let integers = [accessed, deadline.unwrap_or(-1), idle.unwrap_or(-1)];
    ctx.replicate_integers(c"SESSION._TOUCH", name, &integers);
}

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
    let mut key = ctx.open_write(name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return;
    };
    session.record_access(now);
    let accessed = session.accessed();
    Update::to(&session, false).store(&mut key);
    replicate_access(ctx, name, accessed);
    stats::ACCESSES_RECORDED.add();
}

/// Replicates what the registry now has under a name.
pub fn replicate_schema(ctx: Ctx<'_>, name: Arg<'_>, definition: Option<&Definition<'_>>) {
    let Some(definition) = definition else {
        ctx.replicate_strings(c"SESSION._SCHEMA", &[name]);
        return;
    };
    let text = ctx.string(definition.text);
    let assert_format = ctx.string(if definition.assert_format { b"1" } else { b"0" });
    let prefix = ctx.string(definition.prefix.unwrap_or_default());
    let strings = [name, text.arg(), assert_format.arg(), prefix.arg()];
    ctx.replicate_strings(c"SESSION._SCHEMA", &strings);
}
