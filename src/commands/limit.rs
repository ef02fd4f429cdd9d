//! MAXSESSIONS of SET and ROTATE: how many sessions a user may have.

use super::{owned, revoke, state};
use crate::error::{Error, Result};
use crate::integer::integer;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::context::Ctx;

/// A limit, and who set it.
pub struct Limit<'a> {
    user: &'a str,
    max: usize,
    caller: Caller,
}

/// The error for MAXSESSIONS without USER.
pub fn needs_user() -> Error {
    Error::contradiction("MAXSESSIONS needs USER: it counts the sessions of one user")
}

impl<'a> Limit<'a> {
    /// Reads the argument of MAXSESSIONS, if it is given. Everything that can fail is done here, before the write
    /// that the limit follows.
    ///
    /// # Errors
    /// Core's text for what is no integer; ERR for less than 1; NOPERM where the server knows no
    /// user who calls.
    pub fn of(ctx: Ctx<'_>, user: Option<&'a str>, max: Option<Arg<'_>>) -> Result<Option<Self>> {
        let (Some(user), Some(max)) = (user, max) else {
            return Ok(None);
        };
        let max = integer(max.bytes()).ok_or_else(Error::not_an_integer)?;
        let max = usize::try_from(max).unwrap_or(0);
        if max == 0 {
            return Err(Error::err("MAXSESSIONS must be 1 or more"));
        }
        let caller = Caller::of(ctx)?;
        Ok(Some(Self { user, max, caller }))
    }

    /// Ends the user's least recently accessed sessions beyond the limit, never the one that was
    /// just written. What the caller may not end does not count. In a cluster those count that lie
    /// in the slot of that one.
    pub fn enforce(&self, ctx: Ctx<'_>, written: Arg<'_>, now: i64) {
        let database = ctx.database();
        if state::USERS.with(|index| index.count(database, self.user)) <= self.max {
            return;
        }
        let scope = owned::scope_of(written);
        let mut others = owned::all(ctx, &self.caller, self.user, Access::End, scope);
        others.retain(|owned| {
            owned.session().is_live(now) && owned.name.arg().bytes() != written.bytes()
        });
        if others.len() < self.max {
            return;
        }
        others.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        let excess = others.split_off(self.max - 1);
        revoke::end(ctx, excess, now);
    }
}
