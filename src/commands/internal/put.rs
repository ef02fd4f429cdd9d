//! `SESSION._PUT`: a session as the primary has it.

use super::effect::{obeyed, only_as_effect};
use crate::engine::event::{PATCH_EVENT, POP_EVENT, ROTATE_EVENT, SET_EVENT};
use crate::engine::store::store;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::event_name::EventName;
use crate::server::key::WriteKey;
use crate::session::codec;

/// The events that a replica fires with a session that it takes over.
static EVENTS: [&EventName; 4] = [&SET_EVENT, &PATCH_EVENT, &POP_EVENT, &ROTATE_EVENT];

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
        store(name, &mut WriteKey::open(ctx, name), &value);
        if let Some(event) = args.next() {
            ctx.signal_modified(name);
            if let Some(event) = EVENTS.iter().find(|e| e.name().to_bytes() == event.bytes()) {
                ctx.notify(event, name);
            }
        }
        obeyed(ctx);
        Ok(())
    }
}
