//! `SESSION._CHANGES key [key …] changes`: several effects of one command, one on each key. They are of
//! the kinds that `SESSION._PUT` and `SESSION._DEL` carry; `engine::batch` says why they come together.

use super::del::delete;
use super::put;
use super::shared::{damaged, propagate_and_reply, refuse_clients};
use crate::engine::batch::{self, Encoded};
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::session::codec;

/// Implements `SESSION._CHANGES`.
pub struct InternalChanges;

impl Command for InternalChanges {
    fn secret(args: Args<'_>) -> Option<i32> {
        i32::try_from(args.count()).ok().map(|count| count - 1)
    }

    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._CHANGES")?;
        let mut keys: Vec<_> = args.collect();
        let bytes = keys.pop().ok_or_else(Error::syntax)?.bytes();
        let changes = batch::decode(bytes, keys.len())
            .ok_or_else(|| Error::err("replicated changes are damaged"))?;
        // All values are read before the first is stored.
        let values = changes.iter().map(|change| match change {
            Encoded::End => Ok(None),
            Encoded::Put { value, .. } => codec::decode(value).map(Some).map_err(damaged),
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        for ((key, change), value) in keys.into_iter().zip(changes).zip(values) {
            if let (Encoded::Put { event, expire, .. }, Some(value)) = (change, value) {
                put::put(ctx, key, &value, Some(event), expire);
            } else {
                delete(ctx, key);
            }
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}
