//! `SESSION.INFO key`: every field of a live session but its data. It does not count as an access.

use super::shared::info_field::Shown;
use crate::engine::live;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.INFO`.
pub struct Info;

impl Command for Info {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let now = ctx.now();
        match live::open_read(ctx, name, now, true)? {
            Some(found) => Shown {
                session: found.session(),
                expire: found.expire(),
                now,
            }
            .reply_map(ctx),
            None => ctx.reply_null(),
        }
        Ok(())
    }
}
