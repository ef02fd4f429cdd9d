//! The internal commands, by which replicas and the AOF take a change over as it was, with nothing
//! left to decide.

use super::effect::{store, Update, PATCH_EVENT, POP_EVENT, ROTATE_EVENT, SET_EVENT, TOUCH_EVENT};
use super::{index, state};
use crate::error::{Error, Result};
use crate::integer::integer;
use crate::schema::{Definition, Registry};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::{is_loading, Ctx};
use crate::server::keyspace::Event;
use crate::server::native::Found;
use crate::session::{codec, Timeouts, Value};
use crate::types::{unpack, SESSION};

/// The events that a replica fires with a session that it takes over.
static EVENTS: [&Event; 4] = [&SET_EVENT, &PATCH_EVENT, &POP_EVENT, &ROTATE_EVENT];

fn only_as_effect(ctx: Ctx<'_>, command: &str) -> Result<()> {
    if ctx.is_effect() {
        return Ok(());
    }
    Err(Error::err(format_args!(
        "{command} is internal: only the primary, the AOF and a slot migration send it"
    )))
}

/// Ends a command that was obeyed: sent on as it came, for the AOF of a replica that has one. The
/// server writes core's commands there by itself, and of a module's only what the module sends.
/// Replicas of this replica get the primary's own stream, and nothing by this.
fn obeyed(ctx: Ctx<'_>) {
    ctx.replicate_verbatim();
    ctx.reply_ok();
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
            if let Some(event) = EVENTS.iter().find(|e| e.name().to_bytes() == event.bytes()) {
                ctx.notify(event, name);
            }
        }
        obeyed(ctx);
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
                ctx.notify(&TOUCH_EVENT, name);
            }
        }
        obeyed(ctx);
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
        obeyed(ctx);
        Ok(())
    }
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
        // Not sent on: loaded from this server's own AOF it would replace this server's schemas.
        ctx.reply_ok();
        Ok(())
    }
}
