//! `SESSION.INFO`: what is known of a session, without its data. Not an access.

use super::reply;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::types::SESSION;

/// The command.
pub struct Info;

impl Command for Info {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let now = ctx.now();
        let key = ctx.open_read(name, true);
        match key.get(&SESSION) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(session) if session.is_live(now) => {
                reply::info(ctx, session, key.expire(), now);
            }
            _ => ctx.reply_null(),
        }
        Ok(())
    }
}
