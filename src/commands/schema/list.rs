//! `SESSION.SCHEMA LIST`: the name, digest, format setting and prefix of each schema, sorted by
//! name.

use crate::error::Result;
use crate::keyspace::state;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use data_encoding::HEXLOWER;
use std::sync::Arc;

/// Implements `SESSION.SCHEMA LIST`.
pub struct SchemaList;

impl Command for SchemaList {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, _args: Args<'_>) -> Result<()> {
        let entries: Vec<_> =
            state::REGISTRY.with(|registry| registry.iter().map(Arc::clone).collect());
        ctx.reply_array(entries.len());
        for entry in entries {
            ctx.reply_map(4);
            ctx.reply(b"name");
            ctx.reply(entry.name.as_bytes());
            ctx.reply(b"digest");
            ctx.reply(HEXLOWER.encode(&entry.digest).as_bytes());
            ctx.reply(b"assertformat");
            ctx.reply_integer(entry.assert_format.into());
            ctx.reply(b"prefix");
            match &entry.prefix {
                Some(prefix) => ctx.reply(prefix),
                None => ctx.reply_null(),
            }
        }
        Ok(())
    }
}
