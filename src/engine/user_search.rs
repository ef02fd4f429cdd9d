//! Finding the sessions of a user, for LIST, REVOKE and MAXSESSIONS: those in the selected database, on
//! this node, and under keys that the ACL lets the caller use.
//!
//! The index of users only says where to look. Each key is opened and checked before it counts.
//! Where few sessions are wanted, few keys are copied from the index and opened.

use super::user_sessions::{behind_live, cut, open, sort, Owned, Scope};
use crate::keyspace::state;
use crate::server::acl::{Access, Caller};
use crate::server::context::Ctx;
use crate::users::{Choice, End, Part, Wanted};
use std::ops::ControlFlow;

/// How many keys are copied from the index at once: few at first, because a search can end soon.
const AT_FIRST: usize = 32;
const AT_ONCE: usize = 1024;

/// The sessions of a user that a command looks for.
pub struct Search<'s, 'c> {
    /// Whose permissions count.
    pub caller: &'s Caller<'c>,
    /// What the caller must be allowed to do with a key.
    pub access: Access,
    /// The user.
    pub user: &'s str,
    /// Where to look.
    pub scope: Scope,
    /// The time of the command, in Unix ms.
    pub now: i64,
    /// Whether sessions that have ended, but are still stored, are passed over.
    pub live_only: bool,
}

impl Search<'_, '_> {
    fn open<'c>(&self, ctx: Ctx<'c>, key: &[u8]) -> Option<Owned<'c>> {
        let name = ctx.string(key);
        if !self.caller.may(self.access, name.arg()) {
            return None;
        }
        let found = open(ctx, name, self.user, self.now)?;
        (found.is_live || !self.live_only).then_some(found)
    }

    /// Calls `visit` for each session, in no particular order, until it breaks. Keys for which
    /// `skip` is true are not opened.
    pub fn each<'c>(
        &self,
        ctx: Ctx<'c>,
        skip: impl Fn(&[u8]) -> bool,
        mut visit: impl FnMut(Owned<'c>) -> ControlFlow<()>,
    ) {
        let mut after: Option<Vec<u8>> = None;
        let mut at_most = AT_FIRST;
        loop {
            // Copied, because opening an expired key changes the index.
            let Part { keys, is_last } = state::USERS.with(|index| {
                let spans = self.scope.spans();
                index.part(ctx.database(), self.user, spans, after.as_deref(), at_most)
            });
            for key in keys.iter().filter(|key| !skip(key)) {
                if self
                    .open(ctx, key)
                    .is_some_and(|found| visit(found).is_break())
                {
                    return;
                }
            }
            if is_last {
                return;
            }
            after = keys.iter().last().map(<[u8]>::to_vec);
            at_most = AT_ONCE;
        }
    }

    /// All sessions, in no particular order.
    pub fn all<'c>(&self, ctx: Ctx<'c>, skip: impl Fn(&[u8]) -> bool) -> Vec<Owned<'c>> {
        let mut all = Vec::new();
        self.each(ctx, skip, |found| {
            all.push(found);
            ControlFlow::Continue(())
        });
        all
    }

    /// The first sessions from this end of their order, in this order: up to `count` live ones, and
    /// the others that come before the last of these.
    ///
    /// The index proposes candidates by the times of access that it knows, twice as many each time
    /// until enough of them count. The order is that of the sessions themselves.
    pub fn first<'c>(
        &self,
        ctx: Ctx<'c>,
        from: End,
        count: usize,
        skip: impl Fn(&[u8]) -> bool,
    ) -> Vec<Owned<'c>> {
        let mut found: Vec<Owned<'c>> = Vec::new();
        let mut after = None;
        let mut proposed = count.max(1);
        loop {
            let wanted = Wanted {
                end: from,
                spans: self.scope.spans(),
                count: proposed,
                now: self.now,
                after,
            };
            let Choice { keys, last } =
                state::USERS.with(|index| index.choose(ctx.database(), self.user, &wanted));
            let new = keys.iter().filter(|key| !skip(key));
            found.extend(new.filter_map(|key| self.open(ctx, key)));
            sort(&mut found, from);
            // The index can propose a key twice, if the opening of others has changed it.
            found.dedup_by(|a, b| a.name.arg().bytes() == b.name.arg().bytes());
            // Whatever the index has not proposed comes after `last`.
            let settled = last.map_or(found.len(), |last| {
                found.partition_point(|owned| owned.rank(from) <= last)
            });
            if behind_live(&found[..settled], count).is_some() || last.is_none() {
                cut(&mut found, count);
                return found;
            }
            after = last;
            proposed = proposed.saturating_mul(2);
        }
    }
}
