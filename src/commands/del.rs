//! `SESSION.DEL`: ends sessions.

use super::effect::END_EVENT;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::stats;
use crate::types::SESSION;

/// The command.
pub struct Del;

impl Command for Del {
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        let names: Vec<_> = args.collect();
        // A first look at all of them: a key of another type must leave every one in place.
        for &name in &names {
            if matches!(ctx.open_read(name, true).get(&SESSION), Found::Other) {
                return Err(Error::wrong_type());
            }
        }
        let now = ctx.now();
        let mut live = 0;
        let mut removed = Vec::with_capacity(names.len());
        for name in names {
            let mut key = ctx.open_write(name);
            let Found::Value(session) = key.get(&SESSION) else {
                continue;
            };
            // One that has ended but whose key is still there goes too, and does not count.
            live += i64::from(session.is_live(now));
            key.delete();
            drop(key);
            removed.push(name);
        }
        if !removed.is_empty() {
            ctx.replicate_strings(c"DEL", &removed);
        }
        for name in removed {
            ctx.signal_modified(name);
            ctx.notify(END_EVENT, name);
        }
        stats::DELETED.add_many(live.cast_unsigned());
        ctx.reply_integer(live);
        Ok(())
    }
}
