//! `SESSION._TOUCH key accessed [deadline idle]`: records an access as the primary did.
//!
//! `accessed` and `deadline` are Unix time in ms, `idle` is in ms, and -1 is none. The short form
//! carries an access alone; the long form carries a TOUCH, with its timeouts and its event.

use super::shared::{propagate_and_reply, refuse_clients};
use crate::commands::shared::options::number;
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
        let accessed = next_number(&mut args)?;
        let timeouts = if args.is_empty() {
            None
        } else {
            let optional = |n: i64| (n >= 0).then_some(n);
            Some(Timeouts {
                deadline: optional(next_number(&mut args)?),
                idle: optional(next_number(&mut args)?),
            })
        };
        let mut key = WriteKey::open(ctx, name);
        let database = key.database();
        if let Found::Value(Value::Session(mut session)) = key.get(&SESSION).map(unpack) {
            session.set_accessed(accessed);
            let changed = timeouts.is_some_and(|timeouts| session.set_timeouts(timeouts));
            let update = Update::to(&session, changed);
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

fn next_number(args: &mut Args<'_>) -> Result<i64> {
    number(args.next().ok_or_else(Error::not_an_integer)?)
}
