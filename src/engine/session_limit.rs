//! MAXSESSIONS of SET and ROTATE: a limit on how many sessions a user has.
//!
//! The limit is enforced after the new session is stored. Steps that can fail happen before that, in
//! [`SessionLimit::new`].

use super::user_sessions;
use crate::error::Result;
use crate::keyspace::state;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::context::Ctx;

/// The most sessions that a user may have, and the caller on whose behalf others are ended.
pub struct SessionLimit<'a> {
    user: &'a str,
    max: usize,
    caller: Caller<'a>,
}

impl<'a> SessionLimit<'a> {
    /// Limits `user` to `max` sessions, at least 1.
    ///
    /// # Errors
    /// NOPERM if the call has no ACL user.
    pub fn new(ctx: Ctx<'a>, user: &'a str, max: usize) -> Result<Self> {
        let caller = Caller::of(ctx)?;
        Ok(Self { user, max, caller })
    }

    /// Ends the user's least recently accessed sessions beyond the limit, but never the one under
    /// `written`, which was just stored. Sessions that the ACL does not let the caller end do not
    /// count. In a cluster only sessions in the slot of `written` count.
    pub fn enforce(&self, ctx: Ctx<'_>, written: Arg<'_>, now: i64) {
        let database = ctx.database();
        // The common case. The index counts every session that counts here, and perhaps more.
        if state::USERS.with(|index| index.count(database, self.user)) <= self.max {
            return;
        }
        let scope = user_sessions::Scope::around(written);
        let mut others = user_sessions::all(ctx, &self.caller, self.user, Access::End, &scope);
        others.retain(|owned| {
            owned.session().is_live(now) && owned.name.arg().bytes() != written.bytes()
        });
        if others.len() < self.max {
            return;
        }
        others.sort_unstable_by(|a, b| a.order(now).cmp(&b.order(now)));
        let excess = others.split_off(self.max - 1);
        user_sessions::end(ctx, excess, now);
    }
}
