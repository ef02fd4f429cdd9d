//! Steps that the internal commands share: refusing clients, then propagation and the reply.

use crate::commands::shared::options::number;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::context::Ctx;
use crate::session::codec::Damage;

/// Refuses an internal command unless it comes from the primary, the AOF or a slot migration.
///
/// # Errors
/// ERR for a client.
pub fn refuse_clients(ctx: Ctx<'_>, command: &str) -> Result<()> {
    if ctx.is_effect() {
        return Ok(());
    }
    Err(refuse(command))
}

/// The error for a client that sends an internal command.
pub fn refuse(command: &str) -> Error {
    Error::err(format_args!(
        "{command} is internal: only the primary, the AOF and a slot migration send it"
    ))
}

/// The error for a value that cannot be read.
pub fn damaged(damage: Damage) -> Error {
    Error::err(format_args!("a replicated session is damaged: {damage:?}"))
}

/// Reads the next argument as an integer; none if there is no further argument.
///
/// # Errors
/// Core's text for an argument that is not an integer.
pub fn optional_number(args: &mut Args<'_>) -> Result<Option<i64>> {
    args.next().map(number).transpose()
}

/// Ends an internal command: propagates it unchanged and replies OK.
///
/// The propagation is for the replica's own AOF. The server writes core's commands there by itself,
/// but a module's commands only if the module propagates them. Replicas of this replica receive the
/// primary's stream, and this adds nothing to it.
pub fn propagate_and_reply(ctx: Ctx<'_>) {
    ctx.replicate_verbatim();
    ctx.reply_ok();
}
