//! `SESSION.GET`: the data of a live session.

use super::{flag, reply};
use crate::commands::effect::record_access;
use crate::config;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::types::SESSION;

/// The command.
pub struct Get;

impl Command for Get {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let (mut notouch, mut withinfo) = (false, false);
        for word in args {
            if word.is("NOTOUCH") {
                flag(&mut notouch)?;
            } else if word.is("WITHINFO") {
                flag(&mut withinfo)?;
            } else {
                return Err(Error::syntax());
            }
        }
        let now = ctx.now();
        let key = ctx.open_read(name, notouch);
        let session = match key.get(&SESSION) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(session) if session.is_live(now) => session,
            _ => {
                ctx.reply_null();
                return Ok(());
            }
        };
        reply::data(ctx, session, key.expire(), now, withinfo);
        let keeps_accesses = !notouch && session.keeps_accesses();
        let due = session.access_is_due(now, config::TOUCH_INTERVAL_MS.get());
        drop(key);
        if keeps_accesses {
            record_access(ctx, name, now, due);
        }
        Ok(())
    }
}
