//! What a change does beyond the value: replication, WATCH and client caches, events.

use super::event::END_EVENT;
use crate::schema::Definition;
use crate::server::args::Arg;
use crate::server::cluster::is_cluster;
use crate::server::context::Ctx;
use crate::server::event_name::EventName;
use crate::session::Timeouts;
use crate::slots::slot_of;

/// Tells the world of a change: replicas and AOF by its effect, then WATCH, caches and events.
pub fn publish(ctx: Ctx<'_>, name: Arg<'_>, encoded: &[u8], event: &EventName) {
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
