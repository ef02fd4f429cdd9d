//! `SESSION._PUT key session [event [expire]]`: stores a session or an alias as the primary has it.
//!
//! With an event it carries a change, and a replica fires that event too. The event is empty for a
//! change that fires none; a rewritten AOF leaves it out. `expire` is the expiry of the key, in Unix
//! ms, where that is sooner than the end of the value.

use super::shared::{damaged, optional_number, propagate_and_reply, refuse_clients};
use crate::engine::effect::signal;
use crate::engine::event::{
    NO_EVENT, PATCH_EVENT, POP_EVENT, ROTATE_EVENT, SET_EVENT, TOUCH_EVENT,
};
use crate::engine::store::store;
use crate::error::{Error, Result};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::event_name::EventName;
use crate::server::key::WriteKey;
use crate::session::{codec, Value};

/// The events that the command can carry.
static EVENTS: [&EventName; 5] = [
    &SET_EVENT,
    &PATCH_EVENT,
    &POP_EVENT,
    &ROTATE_EVENT,
    &TOUCH_EVENT,
];

/// Implements `SESSION._PUT`.
pub struct InternalPut;

impl Command for InternalPut {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._PUT")?;
        let (Some(name), Some(bytes)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let value = codec::decode(bytes.bytes()).map_err(damaged)?;
        let event = args.next().map(Arg::bytes);
        let expire = optional_number(&mut args)?;
        put(ctx, name, &value, event, expire);
        propagate_and_reply(ctx);
        Ok(())
    }
}

/// Stores a value, and publishes that as the primary did. `event` is the name of the event.
pub fn put(
    ctx: Ctx<'_>,
    name: Arg<'_>,
    value: &Value<'_>,
    event: Option<&[u8]>,
    expire: Option<i64>,
) {
    store(name, &mut WriteKey::open(ctx, name), value, expire);
    if let Some(event) = event.filter(|&event| event != NO_EVENT.name().to_bytes()) {
        publish(ctx, name, event);
    }
}

/// Signals that a key has changed, and fires the event of this name.
pub fn publish(ctx: Ctx<'_>, name: Arg<'_>, event: &[u8]) {
    match EVENTS.iter().find(|e| e.name().to_bytes() == event) {
        Some(event) => signal(ctx, name, event),
        // An event of a newer version, which this version cannot fire.
        None => ctx.signal_modified(name),
    }
}
