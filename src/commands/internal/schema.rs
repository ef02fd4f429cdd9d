//! `SESSION._SCHEMA name [text assertformat prefix]`: registers one schema as the primary has it.
//! With the name alone it removes the schema, as version 1.0 replicated that.

use super::shared::{propagate_and_reply, refuse_clients};
use crate::commands::shared::options::schema_name;
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::schema::Definition;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION._SCHEMA`.
pub struct InternalSchema;

impl Command for InternalSchema {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._SCHEMA")?;
        let name = schema_name(args.next().ok_or_else(Error::syntax)?)?;
        match (args.next(), args.next(), args.next()) {
            (None, ..) => {
                state::REGISTRY.with(|registry| registry.remove(name));
            }
            (Some(text), Some(assert_format), Some(prefix)) => {
                let definition = Definition {
                    text: text.bytes(),
                    assert_format: assert_format.bytes() == b"1",
                    // A schema without a prefix is replicated with an empty one.
                    prefix: Some(prefix.bytes()).filter(|prefix| !prefix.is_empty()),
                };
                state::REGISTRY.with(|registry| registry.put(name, definition));
            }
            _ => return Err(Error::syntax()),
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}
