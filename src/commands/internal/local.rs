//! `SESSION._LOCAL key [key …]`: does nothing. The module calls it to learn whether the server would
//! run a command on these keys on this node of a cluster (`server::cluster::are_apart`).

use super::shared::refuse;
use crate::error::Result;
use crate::server::args::Args;
use crate::server::cluster::asks_for_keys;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION._LOCAL`.
pub struct InternalLocal;

impl Command for InternalLocal {
    fn run(ctx: Ctx<'_>, _keys: Args<'_>) -> Result<()> {
        if !asks_for_keys() {
            return Err(refuse("SESSION._LOCAL"));
        }
        ctx.reply_ok();
        Ok(())
    }
}
