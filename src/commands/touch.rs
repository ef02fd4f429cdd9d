//! `SESSION.TOUCH key [expiry]`: records an access without returning the data, and can change the
//! timeouts.

use super::shared::expiry::Expiry;
use crate::engine::effect::{publish, replicate_touch, signal};
use crate::engine::event::TOUCH_EVENT;
use crate::engine::live;
use crate::engine::store::{sooner_expiry, Update};
use crate::error::{Error, Result};
use crate::keyspace::state::Scratch;
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::{Ctx, OwnedString};
use crate::session::codec;

const COMMAND: &str = "session.touch";

/// Implements `SESSION.TOUCH`.
pub struct Touch;

impl Command for Touch {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let named = args.next().ok_or_else(Error::syntax)?;
        let mut expiry = Expiry::default();
        while let Some(word) = args.next() {
            if !expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        let now = ctx.now();
        expiry.check(COMMAND, now)?;
        let Some(mut found) = live::open_write(ctx, named, now)? else {
            ctx.reply_integer(0);
            return Ok(());
        };
        let mut session = found.session();
        let timeouts = expiry.for_session(COMMAND, now, &session)?;

        // Nothing fails from here on.
        let sooner = sooner_expiry(&found.key, &session).filter(|_| !expiry.is_given());
        let changed = session.set_timeouts(timeouts);
        let corrected = session.correct_times(now);
        session.record_access(now);
        let accessed = session.accessed();
        let mut bytes = Scratch::take();
        if corrected {
            codec::encode_session(&session, &mut bytes.0);
        }
        let update = Update::to(&session, changed || corrected, sooner);
        let expire = update.expire();
        found.store(named, update);
        let successor = found.close();
        let name = successor.as_ref().map_or(named, OwnedString::arg);
        if corrected {
            publish(ctx, name, &bytes.0, &TOUCH_EVENT, expire);
        } else {
            replicate_touch(ctx, name, accessed, timeouts, expire);
            signal(ctx, name, &TOUCH_EVENT);
        }
        ctx.reply_integer(1);
        Ok(())
    }
}
