//! `SESSION.SCHEMA CHECK name data`: whether SESSION.SET with this schema would accept the data. Reads
//! and changes no session.

use crate::commands::shared::options::schema_name;
use crate::engine::{check, schema_lookup};
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.SCHEMA CHECK`.
pub struct SchemaCheck;

impl Command for SchemaCheck {
    const WORDS: usize = 2;
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(3)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name), Some(data)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let schema = schema_lookup::by_name(schema_name(name)?)?;
        check::new_data(data.bytes(), Some(&schema))?;
        ctx.reply_ok();
        Ok(())
    }
}
