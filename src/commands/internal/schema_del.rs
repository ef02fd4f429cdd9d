//! `SESSION._SCHEMADEL name [name …]`: removes schemas, several as one effect.

use super::shared::{propagate_and_reply, refuse_clients};
use crate::commands::shared::options::schema_name;
use crate::error::Result;
use crate::keyspace::state;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION._SCHEMADEL`.
pub struct InternalSchemaDel;

impl Command for InternalSchemaDel {
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._SCHEMADEL")?;
        let names = args.map(schema_name).collect::<Result<Vec<_>>>()?;
        for name in names {
            state::REGISTRY.with(|registry| registry.remove(name));
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}
