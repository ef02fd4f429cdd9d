//! Publishing a change beyond the value itself: replicas and the AOF, WATCH and client caches,
//! keyspace events.
//!
//! Each change is replicated as its effect, by an internal command (`SESSION._PUT` and others, see
//! `commands/internal`), never as the command that the client sent. A replica then decides nothing:
//! its clock, its settings and its random numbers do not matter. No effect is a command of core's: an
//! operator can rename or disable those, and the effect would be lost.

use super::batch::{self, Change, Changes};
use super::event::{END_EVENT, NO_EVENT};
use crate::keyspace::state::Scratch;
use crate::schema::Definition;
use crate::server::args::Arg;
use crate::server::cluster::is_cluster;
use crate::server::context::{Ctx, OwnedString};
use crate::server::event_name::EventName;
use crate::server::main_thread::MainThread;
use crate::session::{codec, Session, Timeouts};
use crate::slots::slot_of;

/// The changes of the running command that [`as_one`] holds back; none outside of it.
static HELD: MainThread<Option<Changes>> = MainThread::new(None);

/// Runs `work`, whose changes are published when it is done, as one: see [`batch`].
///
/// A nested call publishes its own changes, and keeps those that are held already. One can come from
/// another module, which runs a command when the event of an expired key tells it to.
pub fn as_one<T>(ctx: Ctx<'_>, work: impl FnOnce() -> T) -> T {
    /// Publishes what is held when it is dropped, even by a panic.
    struct Held<'c> {
        ctx: Ctx<'c>,
        /// What was held before.
        outer: Option<Changes>,
    }
    impl Drop for Held<'_> {
        fn drop(&mut self) {
            let outer = self.outer.take();
            let changes = HELD.with(|held| std::mem::replace(held, outer));
            publish_changes(self.ctx, &changes.unwrap_or_default());
        }
    }
    let outer = HELD.with(|held| held.replace(Vec::new()));
    let held = Held { ctx, outer };
    let result = work();
    drop(held);
    result
}

/// Holds a change back if [`as_one`] runs. Returns whether it did.
fn hold(key: Arg<'_>, change: impl FnOnce() -> Change) -> bool {
    HELD.with(|held| {
        let held = held.as_mut();
        held.map(|held| held.push((key.bytes().to_vec(), change())))
            .is_some()
    })
}

/// Publishes changes of keys that lie in one slot: replicates them as one command, then signals WATCH
/// and client caches and fires the event for each.
fn publish_changes(ctx: Ctx<'_>, changes: &[(Vec<u8>, Change)]) {
    let names: Vec<_> = changes.iter().map(|(name, _)| ctx.string(name)).collect();
    match changes {
        [] => {}
        [(_, Change::End)] => replicate_end(ctx, &[names[0].arg()]),
        [(
            _,
            Change::Put {
                value,
                event,
                expire,
            },
        )] => {
            ctx.replicate_bytes(c"SESSION._PUT", names[0].arg(), value, event, *expire);
        }
        several => {
            let room = several.iter().map(|(_, change)| batch::max_len(change));
            let mut encoded = Vec::with_capacity(room.sum());
            for (_, change) in several {
                batch::encode(change, &mut encoded);
            }
            let encoded = ctx.string(&encoded);
            let strings = names.iter().chain([&encoded]).map(OwnedString::arg);
            ctx.replicate_strings(c"SESSION._CHANGES", &strings.collect::<Vec<_>>());
        }
    }
    for (name, (_, change)) in names.iter().zip(changes) {
        match change {
            Change::Put { event, .. } => signal(ctx, name.arg(), event),
            Change::End => signal(ctx, name.arg(), &END_EVENT),
        }
    }
}

/// Publishes a value that was stored under `key`: replicates it, signals WATCH and client caches,
/// then fires the event. `encoded` is the value as `session::codec` writes it, and `expire` the expiry
/// of the key (Unix ms) if that is not the end of the value.
pub fn publish(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    encoded: &[u8],
    event: &'static EventName,
    expire: Option<i64>,
) {
    let change = || Change::Put {
        value: encoded.to_vec(),
        event,
        expire,
    };
    if !hold(key, change) {
        ctx.replicate_bytes(c"SESSION._PUT", key, encoded, event, expire);
        signal(ctx, key, event);
    }
}

/// Publishes a session that was stored under `key` and is new there, as [`publish`] does. `data` is the string
/// that holds its data: the server takes a reference to it, and copies nothing.
pub fn publish_new(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    session: &Session<'_>,
    data: Arg<'_>,
    event: &'static EventName,
) {
    let change = || {
        let mut value = Vec::new();
        codec::encode_session(session, &mut value);
        Change::Put {
            value,
            event,
            expire: None,
        }
    };
    if !hold(key, change) {
        let mut fields = Scratch::take();
        codec::encode_without_data(session, &mut fields.0);
        ctx.replicate_bytes_and_string(c"SESSION._NEW", key, &fields.0, data, event);
        signal(ctx, key, event);
    }
}

/// Whether changes are held back, so that each must be published as a whole value.
pub fn holds_back() -> bool {
    HELD.with(|held| held.is_some())
}

/// Publishes a small change of the session under `key`, as [`publish`] does. `encoded` is the change as
/// `splice` writes it. Not while changes are [held back](holds_back).
pub fn publish_splice(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    encoded: &[u8],
    event: &'static EventName,
    expire: Option<i64>,
) {
    ctx.replicate_bytes(c"SESSION._SPLICE", key, encoded, event, expire);
    signal(ctx, key, event);
}

/// Replicates a value that was stored under `key`, and nothing else: as [`publish`] without the event.
pub fn replicate_value(ctx: Ctx<'_>, key: Arg<'_>, encoded: &[u8], expire: Option<i64>) {
    ctx.replicate_bytes(c"SESSION._PUT", key, encoded, &NO_EVENT, expire);
}

/// Publishes that keys were deleted: replicates that, then for each key signals WATCH and client
/// caches and fires `session.end`.
pub fn publish_end(ctx: Ctx<'_>, keys: &[Arg<'_>]) {
    let mut keys = keys.to_vec();
    keys.retain(|&key| !hold(key, || Change::End));
    if keys.is_empty() {
        return;
    }
    replicate_end(ctx, &keys);
    for &key in &keys {
        signal(ctx, key, &END_EVENT);
    }
}

/// Signals WATCH and client caches that a key has changed, then fires the event. Replicates
/// nothing.
pub fn signal(ctx: Ctx<'_>, key: Arg<'_>, event: &EventName) {
    ctx.signal_modified(key);
    ctx.notify(event, key);
}

/// Replicates one `SESSION._DEL`; in a cluster one for each slot, since REVOKE ends sessions in many slots,
/// and Valkey 9 aborts every move of slots away from a node that replicates a command with keys of
/// several slots.
fn replicate_end(ctx: Ctx<'_>, keys: &[Arg<'_>]) {
    if !is_cluster() {
        ctx.replicate_strings(c"SESSION._DEL", keys);
        return;
    }
    let mut keys = keys.to_vec();
    keys.sort_by_cached_key(|key| slot_of(key.bytes()));
    for of_slot in keys.chunk_by(|a, b| slot_of(a.bytes()) == slot_of(b.bytes())) {
        ctx.replicate_strings(c"SESSION._DEL", of_slot);
    }
}

/// Replicates an access, and nothing else. `accessed` is its Unix time in ms, and `expire` the expiry of
/// the key (Unix ms) if that is not the end of the session.
pub fn replicate_access(ctx: Ctx<'_>, key: Arg<'_>, accessed: i64, expire: Option<i64>) {
    match expire {
        None => ctx.replicate_integers(c"SESSION._TOUCH", key, &[accessed]),
        Some(at) => ctx.replicate_integers(c"SESSION._TOUCH", key, &[accessed, at]),
    }
}

/// Replicates a TOUCH: the access (Unix ms), both timeouts as they are now, -1 for none, and `expire`
/// as for [`replicate_access`].
pub fn replicate_touch(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    accessed: i64,
    timeouts: Timeouts,
    expire: Option<i64>,
) {
    let Timeouts { deadline, idle } = timeouts;
    let integers = [
        accessed,
        deadline.unwrap_or(-1),
        idle.unwrap_or(-1),
        expire.unwrap_or(-1),
    ];
    let given = if expire.is_some() { 4 } else { 3 };
    ctx.replicate_integers(c"SESSION._TOUCH", key, &integers[..given]);
}

/// Replicates the definition of a schema.
pub fn replicate_schema(ctx: Ctx<'_>, name: Arg<'_>, definition: &Definition<'_>) {
    let text = ctx.string(definition.text);
    let assert_format = ctx.string(if definition.assert_format { b"1" } else { b"0" });
    let prefix = ctx.string(definition.prefix.unwrap_or_default());
    let strings = [name, text.arg(), assert_format.arg(), prefix.arg()];
    ctx.replicate_strings(c"SESSION._SCHEMA", &strings);
}

/// Replicates that schemas were removed.
pub fn replicate_removed_schemas(ctx: Ctx<'_>, names: &[Arg<'_>]) {
    if !names.is_empty() {
        ctx.replicate_strings(c"SESSION._SCHEMADEL", names);
    }
}
