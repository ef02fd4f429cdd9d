//! `SESSION._PUT key session [event]`: stores a session or an alias as the primary has it.
//!
//! With an event it carries a change, and a replica fires that event too. A rewritten AOF leaves
//! the event out.

use super::shared::{propagate_and_reply, refuse_clients};
use crate::engine::effect::signal;
use crate::engine::event::{PATCH_EVENT, POP_EVENT, ROTATE_EVENT, SET_EVENT};
use crate::engine::store::store;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::event_name::EventName;
use crate::server::key::WriteKey;
use crate::session::codec;

/// The events that the command can carry.
static EVENTS: [&EventName; 4] = [&SET_EVENT, &PATCH_EVENT, &POP_EVENT, &ROTATE_EVENT];

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
        let value = codec::decode(bytes.bytes()).map_err(|damage| {
            Error::err(format_args!("a replicated session is damaged: {damage:?}"))
        })?;
        store(name, &mut WriteKey::open(ctx, name), &value);
        if let Some(event) = args.next() {
            match EVENTS.iter().find(|e| e.name().to_bytes() == event.bytes()) {
                Some(event) => signal(ctx, name, event),
                // An event of a newer version, which this version cannot fire.
                None => ctx.signal_modified(name),
            }
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}
