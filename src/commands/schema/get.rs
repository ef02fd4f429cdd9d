//! `SESSION.SCHEMA GET name`: the text of a schema, as it was set; nil if there is none.

use crate::commands::shared::options::schema_name;
use crate::engine::schema_lookup;
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.SCHEMA GET`.
pub struct SchemaGet;

impl Command for SchemaGet {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = schema_name(args.next().ok_or_else(Error::syntax)?)?;
        match schema_lookup::find(name) {
            Some(entry) => ctx.reply(&entry.text),
            None => ctx.reply_null(),
        }
        Ok(())
    }
}
