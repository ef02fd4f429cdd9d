//! `SESSION.SCHEMA SET name schema [ASSERTFORMAT] [NX] [PREFIX prefix]`: registers a schema, or
//! replaces one. A definition that is the same as the present one changes nothing and is not
//! replicated.

use crate::commands::shared::options::{flag, once, schema_name};
use crate::config;
use crate::engine::effect::replicate_schema;
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::schema::{valid_prefix, Definition, Limits, SetError, SetOutcome};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.SCHEMA SET`.
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
        let name = schema_name(name_arg)?;
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
        let limits = Limits {
            schemas: config::MAX_SCHEMAS.get().cast_unsigned(),
            bytes: config::MAX_SCHEMAS_BYTES.get().cast_unsigned(),
        };
        let outcome = state::REGISTRY.with(|registry| registry.set(name, definition, nx, limits));
        match outcome {
            Ok(SetOutcome::Unchanged) => {}
            Ok(SetOutcome::Created | SetOutcome::Replaced) => {
                replicate_schema(ctx, name_arg, &definition);
            }
            Err(SetError::BadSchema(reason)) => return Err(Error::bad_schema(reason)),
            Err(SetError::Conflict(reason)) => return Err(Error::conflict(reason)),
            Err(SetError::TooMany(schemas)) => {
                return Err(Error::err(format_args!(
                    "there are {schemas} schemas; session.max-schemas allows {}",
                    limits.schemas
                )));
            }
            Err(SetError::TooLarge(bytes)) => {
                return Err(Error::err(format_args!(
                    "the schemas would have {bytes} bytes together; session.max-schemas-bytes allows {}",
                    limits.bytes
                )));
            }
        }
        ctx.reply_ok();
        Ok(())
    }
}
