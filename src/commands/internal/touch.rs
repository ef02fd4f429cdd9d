//! `SESSION._TOUCH`: an access as the primary recorded it.

use super::effect::{number, obeyed, only_as_effect};
use crate::engine::event::TOUCH_EVENT;
use crate::engine::store::Update;
use crate::error::{Error, Result};
use crate::keyspace::index;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::{Timeouts, Value};

/// `SESSION._TOUCH key accessed [deadline idle]`: a recorded access; with the timeouts (-1 for
/// none) an explicit TOUCH.
pub struct PutAccess;

impl Command for PutAccess {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        only_as_effect(ctx, "SESSION._TOUCH")?;
        let name = args.next().ok_or_else(Error::syntax)?;
        let accessed = number(args.next())?;
        let explicit = !args.is_empty();
        let timeouts = if explicit {
            let optional = |n: i64| (n >= 0).then_some(n);
            Some(Timeouts {
                deadline: optional(number(args.next())?),
                idle: optional(number(args.next())?),
            })
        } else {
            None
        };
        let mut key = WriteKey::open(ctx, name);
        let database = key.database();
        if let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) {
            session.set_accessed(accessed);
            let changed = timeouts.is_some_and(|timeouts| session.set_timeouts(timeouts));
            let update = Update::to(&session, changed);
            // A replica whose clock is ahead took it for expired when it was loaded.
            index::stored(database, name, None, session.user());
            update.store(&mut key);
            drop(key);
            if explicit {
                ctx.signal_modified(name);
                ctx.notify(&TOUCH_EVENT, name);
            }
        }
        obeyed(ctx);
        Ok(())
    }
}
