//! What the internal commands share: they obey only the primary, the AOF and a slot migration.

use crate::error::{Error, Result};
use crate::integer::integer;
use crate::server::args::Arg;
use crate::server::context::Ctx;

pub fn only_as_effect(ctx: Ctx<'_>, command: &str) -> Result<()> {
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
pub fn obeyed(ctx: Ctx<'_>) {
    ctx.replicate_verbatim();
    ctx.reply_ok();
}

pub fn number(arg: Option<Arg<'_>>) -> Result<i64> {
    arg.and_then(|arg| integer(arg.bytes()))
        .ok_or_else(Error::not_an_integer)
}
