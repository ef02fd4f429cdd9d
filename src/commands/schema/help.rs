//! `SESSION.SCHEMA HELP`: a list of the subcommands, in the form that core's container commands
//! use.

use crate::error::Result;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.SCHEMA HELP`.
pub struct SchemaHelp;

impl Command for SchemaHelp {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, _args: Args<'_>) -> Result<()> {
        const LINES: [&str; 14] = [
            "SESSION.SCHEMA <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
            "SET <name> <schema> [ASSERTFORMAT] [NX] [PREFIX <prefix>]",
            "    Register a JSON Schema, or replace one.",
            "GET <name>",
            "    Return the text of a schema.",
            "CHECK <name> <data>",
            "    Check data against a schema, without a session.",
            "DEL <name> [<name> ...]",
            "    Remove schemas. Sessions that name one fail their checks from then on.",
            "LIST",
            "    Return the name, digest, format setting and prefix of each schema.",
            "HELP",
            "    Print this help.",
            "A session takes the schema whose PREFIX its key has, or the one that SCHEMA names.",
        ];
        ctx.reply_array(LINES.len());
        for line in LINES {
            ctx.reply_simple(line);
        }
        Ok(())
    }
}
