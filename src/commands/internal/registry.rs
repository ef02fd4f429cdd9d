//! `SESSION._REGISTRY`: all schemas, at the head of a rewritten AOF.

use super::effect::only_as_effect;
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::schema::Registry;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::{is_loading, Ctx};

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
