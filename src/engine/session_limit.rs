//! MAXSESSIONS of SET and ROTATE: a limit on how many sessions a user has.
//!
//! The limit ends others after the new session is stored, or with REFUSE refuses it before. Steps that
//! can fail happen before the first change, in [`SessionLimit::new`] and [`SessionLimit::check`].
//!
//! In a cluster only sessions in the slot of the written key count: others may be on other nodes, and
//! the command may not open them.

use super::end_sessions::end;
use super::user_search::Search;
use super::user_sessions::{partition, sort, Scope};
use crate::error::{Error, Result};
use crate::keyspace::state;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::users::{End, EVERYWHERE};
use std::ops::ControlFlow;

/// The most sessions that a user may have, and the caller on whose behalf others are ended.
pub struct SessionLimit<'a> {
    user: &'a str,
    max: usize,
    refuse: bool,
    caller: Caller<'a>,
}

impl<'a> SessionLimit<'a> {
    /// Limits `user` to `max` sessions, at least 1. With `refuse` a session beyond the limit is
    /// refused; without, others are ended.
    ///
    /// # Errors
    /// NOPERM if the call has no ACL user.
    pub fn new(ctx: Ctx<'a>, user: &'a str, max: usize, refuse: bool) -> Result<Self> {
        let caller = Caller::of(ctx)?;
        Ok(Self {
            user,
            max,
            refuse,
            caller,
        })
    }

    /// Whether [`SessionLimit::enforce`] may have sessions to end after one more has been stored.
    pub fn may_end_others(&self, ctx: Ctx<'_>) -> bool {
        !self.refuse && self.may_have(ctx, self.max - 1)
    }

    /// Whether the index has more than `more_than` sessions of the user, on the whole node.
    fn may_have(&self, ctx: Ctx<'_>, more_than: usize) -> bool {
        state::USERS.with(|i| i.exceeds(ctx.database(), self.user, EVERYWHERE, more_than))
    }

    /// The live sessions that count for the limit, if there may be more than `more_than` of them.
    /// Sessions that the ACL does not let the caller end do not count.
    fn search(
        &self,
        ctx: Ctx<'_>,
        key: Arg<'_>,
        more_than: usize,
        now: i64,
    ) -> Option<Search<'_, 'a>> {
        // The common case, which needs no slot.
        if !self.may_have(ctx, more_than) {
            return None;
        }
        let scope = Scope::around(key);
        scope
            .may_exceed(ctx, self.user, more_than)
            .then_some(Search {
                caller: &self.caller,
                access: Access::End,
                user: self.user,
                scope,
                now,
                live_only: true,
            })
    }

    /// Checks that one more session is within a limit that refuses. `key` is the key that will be
    /// written; a session that it replaces, under `replaced`, does not count.
    ///
    /// # Errors
    /// TOOMANY if it is not.
    pub fn check(
        &self,
        ctx: Ctx<'_>,
        key: Arg<'_>,
        replaced: Option<Arg<'_>>,
        now: i64,
    ) -> Result<()> {
        if !self.refuse {
            return Ok(());
        }
        let Some(search) = self.search(ctx, key, self.max - 1, now) else {
            return Ok(());
        };
        // The replaced session is not opened: the command has it open already.
        let is_replaced = |key: &[u8]| replaced.is_some_and(|replaced| replaced.bytes() == key);
        let mut left = self.max;
        search.each(ctx, is_replaced, |_| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if left == 0 {
            return Err(Error::too_many(self.max));
        }
        Ok(())
    }

    /// Ends the user's least recently accessed sessions beyond the limit, but never the one under
    /// `written`, which was just stored.
    pub fn enforce(&self, ctx: Ctx<'_>, written: Arg<'_>, now: i64) {
        if self.refuse {
            return;
        }
        let Some(search) = self.search(ctx, written, self.max, now) else {
            return;
        };
        let mut others = search.all(ctx, |key| key == written.bytes());
        let kept = self.max - 1;
        if others.len() > kept {
            partition(&mut others, End::MostRecent, kept);
            let excess = &mut others[kept..];
            sort(excess, End::MostRecent);
            end(ctx, others.drain(kept..), now);
        }
    }
}
