//! `SESSION._TOUCH key accessed [deadline idle] [expire]`: records an access as the primary did.
//!
//! `accessed`, `deadline` and `expire` are Unix time in ms, `idle` is in ms, and -1 is none. The short
//! form carries an access alone; the long form carries a TOUCH, with its timeouts and its event.
//! `expire` is the expiry of the key, where that is sooner than the end of the session.

use super::shared::{optional_number, propagate_and_reply, refuse_clients};
use crate::engine::effect::signal;
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

/// Implements `SESSION._TOUCH`.
pub struct InternalTouch;

impl Command for InternalTouch {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        refuse_clients(ctx, "SESSION._TOUCH")?;
        let name = args.next().ok_or_else(Error::syntax)?;
        let accessed = optional_number(&mut args)?.ok_or_else(Error::syntax)?;
        let numbers = [(); 3].map(|()| optional_number(&mut args));
        let optional = |n: i64| (n >= 0).then_some(n);
        let (timeouts, expire) = match numbers {
            [Ok(expire), Ok(None), Ok(None)] => (None, expire),
            [Ok(Some(deadline)), Ok(Some(idle)), Ok(expire)] => {
                let (deadline, idle) = (optional(deadline), optional(idle));
                (Some(Timeouts { deadline, idle }), expire)
            }
            _ => return Err(Error::not_an_integer()),
        };
        let mut key = WriteKey::open(ctx, name);
        let database = key.database();
        if let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) {
            session.set_accessed(accessed);
            let changed = timeouts.is_some_and(|timeouts| session.set_timeouts(timeouts));
            let update = Update::to(&session, changed, expire);
            // A replica whose clock is ahead may have loaded this session as expired, and so
            // without adding it to the index.
            index::set_user(database, name, None, session.user_access());
            update.store(name, &mut key);
            drop(key);
            if timeouts.is_some() {
                signal(ctx, name, &TOUCH_EVENT);
            }
        }
        propagate_and_reply(ctx);
        Ok(())
    }
}
