//! Publishing a change beyond the value itself: replicas and the AOF, WATCH and client caches,
//! keyspace events.
//!
//! Each change is replicated as its effect, by an internal command (`SESSION._PUT` and others, see
//! `commands/internal`) or DEL, never as the command that the client sent. A replica then decides
//! nothing: its clock, its settings and its random numbers do not matter.

use super::event::END_EVENT;
use crate::schema::Definition;
use crate::server::args::Arg;
use crate::server::cluster::is_cluster;
use crate::server::context::Ctx;
use crate::server::event_name::EventName;
use crate::session::Timeouts;
use crate::slots::slot_of;

/// Publishes a value that was stored under `key`: replicates it, signals WATCH and client caches,
/// then fires the event. `encoded` is the value as `session::codec` writes it.
pub fn publish(ctx: Ctx<'_>, key: Arg<'_>, encoded: &[u8], event: &EventName) {
    ctx.replicate_bytes(c"SESSION._PUT", key, encoded, event);
    signal(ctx, key, event);
}

/// Publishes that keys were deleted: replicates that, then for each key signals WATCH and client
/// caches and fires `session.end`.
pub fn publish_end(ctx: Ctx<'_>, keys: &[Arg<'_>]) {
    if keys.is_empty() {
        return;
    }
    replicate_end(ctx, keys);
    for &key in keys {
        signal(ctx, key, &END_EVENT);
    }
}

/// Signals WATCH and client caches that a key has changed, then fires the event. Replicates
/// nothing.
pub fn signal(ctx: Ctx<'_>, key: Arg<'_>, event: &EventName) {
    ctx.signal_modified(key);
    ctx.notify(event, key);
}

/// Replicates one DEL; in a cluster one for each slot, since REVOKE ends sessions in many slots,
/// and Valkey 9 aborts every move of slots away from a node that replicates a command with keys of
/// several slots.
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

/// Replicates an access, and nothing else. `accessed` is its Unix time in ms.
pub fn replicate_access(ctx: Ctx<'_>, key: Arg<'_>, accessed: i64) {
    ctx.replicate_integers(c"SESSION._TOUCH", key, &[accessed]);
}

/// Replicates a TOUCH: the access (Unix ms), and both timeouts as they are now, -1 for none.
pub fn replicate_touch(ctx: Ctx<'_>, key: Arg<'_>, accessed: i64, timeouts: Timeouts) {
    let Timeouts { deadline, idle } = timeouts;
    let integers = [accessed, deadline.unwrap_or(-1), idle.unwrap_or(-1)];
    ctx.replicate_integers(c"SESSION._TOUCH", key, &integers);
}

/// Replicates the present definition of a schema; none if the schema was removed.
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
