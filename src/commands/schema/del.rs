//! `SESSION.SCHEMA DEL name [name …]`: removes schemas, and returns how many there were.

use crate::commands::shared::options::schema_name;
use crate::engine::effect::replicate_removed_schemas;
use crate::error::Result;
use crate::keyspace::state;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.SCHEMA DEL`.
pub struct SchemaDel;

impl Command for SchemaDel {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        let args: Vec<_> = args.collect();
        let names = args
            .iter()
            .map(|&arg| schema_name(arg))
            .collect::<Result<Vec<_>>>()?;

        // Nothing fails from here on.
        let mut removed = Vec::new();
        for (arg, name) in args.into_iter().zip(names) {
            if state::REGISTRY.with(|registry| registry.remove(name)) {
                removed.push(arg);
            }
        }
        replicate_removed_schemas(ctx, &removed);
        ctx.reply_integer(removed.len() as i64);
        Ok(())
    }
}
