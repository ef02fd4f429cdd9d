//! `SESSION.TOUCH`: an access without reading, which can also change the timeouts.

use super::effect::{replicate_touch, TOUCH_EVENT};
use super::expiry::Expiry;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::types::SESSION;

/// The command.
pub struct Touch;

impl Command for Touch {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let mut expiry = Expiry::default();
        while let Some(word) = args.next() {
            if !expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        let now = ctx.now();
        let mut key = ctx.open_write(name);
        let session = match key.get(&SESSION) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(session) if session.is_live(now) => session,
            _ => {
                ctx.reply_integer(0);
                return Ok(());
            }
        };
        let base = session.limit_base();
        let timeouts = expiry.for_present("session.touch", now, base, session.timeouts())?;
        session.set_timeouts(timeouts);
        session.record_access(now);
        let end = session.end();
        replicate_touch(ctx, name, session);
        key.set_expire(end);
        drop(key);
        ctx.signal_modified(name);
        ctx.notify(TOUCH_EVENT, name);
        ctx.reply_integer(1);
        Ok(())
    }
}
