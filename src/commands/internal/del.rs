//! `SESSION._DEL key [key …]`: deletes sessions and aliases that the primary has ended.
//!
//! A command of the module's own, because core's DEL can be renamed or disabled: the server then
//! replicates nothing, and a session that was ended is back after a restart.

use super::shared::{propagate_and_reply, refuse_clients};
use crate::engine::effect::signal;
use crate::engine::event::END_EVENT;
use crate::error::Result;
use crate::keyspace::session_type::SESSION;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::server::native::Found;

/// Implements `SESSION._DEL`.
pub struct InternalDel;

impl Command for InternalDel {
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._DEL")?;
        for name in args {
            delete(ctx, name);
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}

/// Deletes a key, of whatever type, and publishes that as the primary did. A key that is not there
/// has expired here already.
pub fn delete(ctx: Ctx<'_>, name: Arg<'_>) {
    let mut key = WriteKey::open(ctx, name);
    if matches!(key.get(&SESSION), Found::Nothing) {
        return;
    }
    key.delete();
    drop(key);
    signal(ctx, name, &END_EVENT);
}
