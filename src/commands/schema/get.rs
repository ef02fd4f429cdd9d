//! `SESSION.SCHEMA GET`: the text of a schema.

use crate::commands::shared::options::schema_name;
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// `SESSION.SCHEMA GET name`: the text, as it was set.
pub struct SchemaGet;

impl Command for SchemaGet {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = schema_name(args.next().ok_or_else(Error::syntax)?)?;
        match state::REGISTRY.with(|registry| registry.get(name).cloned()) {
            Some(entry) => ctx.reply(&entry.text),
            None => ctx.reply_null(),
        }
        Ok(())
    }
}
