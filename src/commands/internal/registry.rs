//! `SESSION._REGISTRY registry`: replaces all schemas, at the beginning of a rewritten AOF.

use super::shared::refuse_clients;
use crate::error::{Error, Result};
use crate::keyspace::saved_registry;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::{is_loading, Ctx};

/// Implements `SESSION._REGISTRY`.
///
/// Has an effect only while an AOF is loaded. A slot migration of Valkey 9 executes on the target the
/// commands that an AOF rewrite would write, and the target's own schemas may be newer.
pub struct InternalRegistry;

impl Command for InternalRegistry {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(1)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._REGISTRY")?;
        if is_loading() {
            let bytes = args.next().ok_or_else(Error::syntax)?.bytes();
            saved_registry::replace(bytes).map_err(|damage| {
                Error::err(format_args!("a saved registry is damaged: {damage:?}"))
            })?;
        }
        // Not propagated: in this server's own AOF it would later replace this server's schemas.
        ctx.reply_ok();
        Ok(())
    }
}
