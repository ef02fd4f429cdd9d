//! `SESSION._SCHEMA`: a schema as the primary has it.

use super::effect::{obeyed, only_as_effect};
use crate::commands::shared::options::schema_name;
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::schema::Definition;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// `SESSION._SCHEMA name [text assertformat prefix]`: one schema as the primary has it now; with
/// the name alone, that it is gone. An empty prefix is none.
pub struct PutSchema;

impl Command for PutSchema {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._SCHEMA")?;
        let name = schema_name(args.next().ok_or_else(Error::syntax)?)?;
        match (args.next(), args.next(), args.next()) {
            (None, ..) => {
                state::REGISTRY.with(|registry| registry.remove(name));
            }
            (Some(text), Some(assert_format), Some(prefix)) => {
                let definition = Definition {
                    text: text.bytes(),
                    assert_format: assert_format.bytes() == b"1",
                    prefix: Some(prefix.bytes()).filter(|prefix| !prefix.is_empty()),
                };
                state::REGISTRY.with(|registry| registry.put(name, definition));
            }
            _ => return Err(Error::syntax()),
        }
        obeyed(ctx);
        Ok(())
    }
}
