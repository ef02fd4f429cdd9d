//! `SESSION.SCHEMA`: the registry of schemas.

use super::effect::replicate_schema;
use super::{flag, name_of, once, state};
use crate::config;
use crate::error::{Error, Result};
use crate::schema::{valid_prefix, Definition, SetError, SetOutcome};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use data_encoding::HEXLOWER;
use std::sync::Arc;

/// Reads a schema's name.
///
/// # Errors
/// ERR if it is not 1 to 255 bytes of UTF-8.
pub fn name(arg: Arg<'_>) -> Result<&str> {
    name_of("schema", arg)
}

/// `SESSION.SCHEMA SET name schema [ASSERTFORMAT] [NX] [PREFIX p]`.
pub struct SchemaSet;

impl Command for SchemaSet {
    const WORDS: usize = 2;
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(3)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name_arg), Some(text)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let name = name(name_arg)?;
        let (mut assert_format, mut nx, mut prefix) = (false, false, None);
        while let Some(word) = args.next() {
            if word.is("ASSERTFORMAT") {
                flag(&mut assert_format)?;
            } else if word.is("NX") {
                flag(&mut nx)?;
            } else if word.is("PREFIX") {
                once(&mut prefix, args.next().ok_or_else(Error::syntax)?.bytes())?;
            } else {
                return Err(Error::syntax());
            }
        }
        if prefix.is_some_and(|prefix| valid_prefix(prefix).is_err()) {
            return Err(Error::err("a PREFIX must be 1 to 255 bytes"));
        }
        let text = text.bytes();
        let limit = config::MAX_SCHEMA_BYTES.get();
        if text.len() as u64 > limit.cast_unsigned() {
            return Err(Error::err(format_args!(
                "the schema has {} bytes; session.max-schema-bytes allows {limit}",
                text.len()
            )));
        }
        let definition = Definition {
            text,
            assert_format,
            prefix,
        };
        let outcome = state::REGISTRY.with(|registry| registry.set(name, definition, nx));
        match outcome {
            Ok(SetOutcome::Unchanged) => {}
            Ok(SetOutcome::Created | SetOutcome::Replaced) => {
                replicate_schema(ctx, name_arg, Some(&definition));
            }
            Err(SetError::BadSchema(reason)) => return Err(Error::bad_schema(reason)),
            Err(SetError::Conflict(reason)) => return Err(Error::conflict(reason)),
        }
        ctx.reply_ok();
        Ok(())
    }
}

/// `SESSION.SCHEMA GET name`: the text, as it was set.
pub struct SchemaGet;

impl Command for SchemaGet {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = name(args.next().ok_or_else(Error::syntax)?)?;
        match state::REGISTRY.with(|registry| registry.get(name).cloned()) {
            Some(entry) => ctx.reply(&entry.text),
            None => ctx.reply_null(),
        }
        Ok(())
    }
}

/// `SESSION.SCHEMA DEL name [name …]`: how many there were.
pub struct SchemaDel;

impl Command for SchemaDel {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        let args: Vec<_> = args.collect();
        let names = args
            .iter()
            .map(|&arg| name(arg))
            .collect::<Result<Vec<_>>>()?;
        let mut removed = 0;
        for (arg, name) in args.into_iter().zip(names) {
            if state::REGISTRY.with(|registry| registry.remove(name)) {
                replicate_schema(ctx, arg, None);
                removed += 1;
            }
        }
        ctx.reply_integer(removed);
        Ok(())
    }
}

/// `SESSION.SCHEMA LIST`: each schema's name, digest, format setting and prefix, by name.
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

/// `SESSION.SCHEMA HELP`, as every container of core's has it.
pub struct SchemaHelp;

impl Command for SchemaHelp {
    const WORDS: usize = 2;

    fn run(ctx: Ctx<'_>, _args: Args<'_>) -> Result<()> {
        const LINES: [&str; 12] = [
            "SESSION.SCHEMA <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
            "SET <name> <schema> [ASSERTFORMAT] [NX] [PREFIX <prefix>]",
            "    Register a JSON Schema, or replace one.",
            "GET <name>",
            "    Return the text of a schema.",
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
