//! What a change does beyond the value: expiry, replication, events. And the internal commands by
//! which replicas and the AOF take a change over, as it was, with nothing left to decide.

use super::find::Reading;
use super::{index, integer, is_cluster, state};
use crate::config;
use crate::error::{Error, Result};
use crate::schema::{Definition, Registry};
use crate::server::args::{Arg, Args};
use crate::server::block::Block;
use crate::server::command::Command;
use crate::server::context::{is_loading, Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::{codec, Session, Timeouts, Value};
use crate::slots::slot_of;
use crate::stats;
use crate::types::{pack, unpack, SESSION};
use std::ffi::CStr;

/// The event of SESSION.SET.
pub const SET_EVENT: &CStr = c"session.set";
/// The event of SESSION.TOUCH.
pub const TOUCH_EVENT: &CStr = c"session.touch";
/// The event on every key that the module ends.
pub const END_EVENT: &CStr = c"session.end";

/// The event of SESSION.PATCH.
pub const PATCH_EVENT: &CStr = c"session.patch";
/// The event of SESSION.POP.
pub const POP_EVENT: &CStr = c"session.pop";
/// The event of SESSION.ROTATE, on the new key, and on the old one if it stays as an alias.
pub const ROTATE_EVENT: &CStr = c"session.rotate";

/// The events that a replica fires with a change that it takes over.
const EVENTS: [&CStr; 4] = [SET_EVENT, PATCH_EVENT, POP_EVENT, ROTATE_EVENT];

/// Puts a value in the place of whatever the key holds.
pub fn store(name: Arg<'_>, key: &mut WriteKey<'_>, value: &Value<'_>) {
    let end = value.end();
    let database = key.database();
    stats::count_in(value);
    if let Found::Value(before) = key.get(&SESSION).map(unpack) {
        index::stored(database, name, before.user(), value.user());
        stats::count_out(&before);
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

    /// Puts it in the place of the session that it was made from.
    pub fn store(self, key: &mut WriteKey<'_>) {
        if let Some(session) = self.whole {
            key.replace(&SESSION, session);
        } else if let Found::Value(block) = key.get(&SESSION) {
            block.set_stamp(self.accessed);
        }
        key.set_expire(self.end);
    }
}

/// Tells the world of a change: replicas and AOF by its effect, then WATCH, caches and events.
pub fn publish(ctx: Ctx<'_>, name: Arg<'_>, encoded: &[u8], event: &CStr) {
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
        ctx.notify(END_EVENT, key);
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
pub fn record_access(ctx: Ctx<'_>, named: Arg<'_>, found: Reading<'_>, now: i64) {
    if !found.keeps_accesses() {
        return;
    }
    if !found
        .session()
        .access_is_due(now, config::TOUCH_INTERVAL_MS.get())
        || !ctx.may_record()
    {
        stats::ACCESSES_NOT_RECORDED.add();
        return;
    }
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

fn only_as_effect(ctx: Ctx<'_>, command: &str) -> Result<()> {
    if ctx.is_effect() {
        return Ok(());
    }
    Err(Error::err(format_args!(
        "{command} is internal: only the primary, the AOF and a slot migration send it"
    )))
}

fn number(arg: Option<Arg<'_>>) -> Result<i64> {
    arg.and_then(|arg| integer(arg.bytes()))
        .ok_or_else(Error::not_an_integer)
}

/// `SESSION._PUT key session [event]`: the session as the primary has it.
pub struct Put;

impl Command for Put {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._PUT")?;
        let (Some(name), Some(bytes)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let value = codec::decode(bytes.bytes()).map_err(|damage| {
            Error::err(format_args!("a replicated session is damaged: {damage:?}"))
        })?;
        store(name, &mut ctx.open_write(name), &value);
        if let Some(event) = args.next() {
            ctx.signal_modified(name);
            if let Some(event) = EVENTS.iter().find(|e| e.to_bytes() == event.bytes()) {
                ctx.notify(event, name);
            }
        }
        ctx.reply_ok();
        Ok(())
    }
}

/// `SESSION._TOUCH key accessed [deadline idle]`: a recorded access; with the timeouts (-1 for
/// none) an explicit TOUCH.
pub struct PutAccess;

impl Command for PutAccess {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._TOUCH")?;
        let name = args.next().ok_or_else(Error::syntax)?;
        let accessed = number(args.next())?;
        let explicit = !args.is_empty();
        let timeouts = if explicit {
            let optional = |n: i64| (n >= 0).then_some(n);
            Some(Timeouts {
                deadline: optional(number(args.next())?),
                idle: optional(number(args.next())?),
            })
        } else {
            None
        };
        let mut key = ctx.open_write(name);
        let database = key.database();
        if let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) {
            session.set_accessed(accessed);
            let changed = timeouts.is_some_and(|timeouts| session.set_timeouts(timeouts));
            let update = Update::to(&session, changed);
            // A replica whose clock is ahead took it for expired when it was loaded.
            index::stored(database, name, None, session.user());
            update.store(&mut key);
            drop(key);
            if explicit {
                ctx.signal_modified(name);
                ctx.notify(TOUCH_EVENT, name);
            }
        }
        ctx.reply_ok();
        Ok(())
    }
}

/// `SESSION._SCHEMA name [text assertformat prefix]`: one schema as the primary has it now; with
/// the name alone, that it is gone. An empty prefix is none.
pub struct PutSchema;

impl Command for PutSchema {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._SCHEMA")?;
        let name = super::schema::name(args.next().ok_or_else(Error::syntax)?)?;
        match (args.next(), args.next(), args.next()) {
            (None, ..) => {
                state::REGISTRY.with(|registry| registry.remove(name));
            }
            (Some(text), Some(assert_format), Some(prefix)) => {
                let definition = Definition {
                    text: text.bytes(),
                    assert_format: assert_format.bytes() == b"1",
                    prefix: Some(prefix.bytes()).filter(|prefix| !prefix.is_empty()),
                };
                state::REGISTRY.with(|registry| registry.put(name, definition));
            }
            _ => return Err(Error::syntax()),
        }
        ctx.reply_ok();
        Ok(())
    }
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

/// `SESSION._REGISTRY registry`: the whole registry, at the head of a rewritten AOF.
///
/// A slot migration of Valkey 9 sends what an AOF rewrite would write; there it is passed over,
/// because the target's own schemas may be newer.
pub struct PutRegistry;

impl Command for PutRegistry {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(1)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._REGISTRY")?;
        if is_loading() {
            let bytes = args.next().ok_or_else(Error::syntax)?.bytes();
            let registry = Registry::decode(bytes).map_err(|damage| {
                Error::err(format_args!("a saved registry is damaged: {damage:?}"))
            })?;
            state::REGISTRY.with(|present| *present = registry);
        }
        ctx.reply_ok();
        Ok(())
    }
}
