//! `SESSION._NEW key fields data event`: stores a session that is new under its key, as the primary has
//! it. `fields` is the session without its data (`codec::encode_without_data`).

use super::put::put;
use super::shared::{damaged, propagate_and_reply, refuse_clients};
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::session::{codec, Value};

/// Implements `SESSION._NEW`.
pub struct InternalNew;

impl Command for InternalNew {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(3)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._NEW")?;
        let (Some(name), Some(fields), Some(data)) = (args.next(), args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let event = args.next().ok_or_else(Error::syntax)?;
        let session = codec::decode_with_data(fields.bytes(), data.bytes()).map_err(damaged)?;
        put(
            ctx,
            name,
            &Value::Session(session),
            Some(event.bytes()),
            None,
        );
        propagate_and_reply(ctx);
        Ok(())
    }
}
