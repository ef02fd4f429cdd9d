//! `SESSION._SPLICE key splice event [expire]`: changes a session as a PATCH or POP on the primary did.
//!
//! It carries only what changed (`engine::splice`), for a session that has the same data here as it
//! had on the primary. `expire` is as in `SESSION._PUT`.

use super::put::publish;
use super::shared::{damaged, optional_number, propagate_and_reply, refuse_clients};
use crate::engine::splice::{Mismatch, Splice};
use crate::engine::store::Update;
use crate::error::{Error, Result};
use crate::keyspace::index;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::keyspace::state::Scratch;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::Value;

/// Implements `SESSION._SPLICE`.
pub struct InternalSplice;

impl Command for InternalSplice {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._SPLICE")?;
        let (Some(name), Some(bytes), Some(event)) = (args.next(), args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let expire = optional_number(&mut args)?;
        let splice = Splice::decode(bytes.bytes()).map_err(damaged)?;
        if apply(ctx, name, &splice, expire)? {
            publish(ctx, name, event.bytes());
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}

/// Makes the change, and returns whether it was still to be made.
fn apply(ctx: Ctx<'_>, name: Arg<'_>, splice: &Splice<'_>, expire: Option<i64>) -> Result<bool> {
    let mut key = WriteKey::open(ctx, name);
    let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) else {
        return Err(Error::err(
            "a replicated change is of a session that is not here",
        ));
    };
    let mut data = Scratch::take();
    let is_new = splice
        .apply(&mut session, &mut data.0)
        .map_err(|mismatch| match mismatch {
            Mismatch::Damaged(damage) => damaged(damage),
            Mismatch::OtherState => {
                Error::err("a replicated change is of a session in another state than the one here")
            }
        })?;
    if is_new {
        let update = Update::to(&session, true, expire);
        // As in SESSION._TOUCH: the session may not be in the index yet.
        index::set_user(key.database(), name, None, session.user_access());
        update.store(name, &mut key);
    }
    Ok(is_new)
}
