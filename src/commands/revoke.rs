//! `SESSION.REVOKE`: ends the sessions of a user: all of them, all but some, or some.

use super::shared::options::name_of;
use crate::engine::live;
use crate::engine::owned::{self, Owned, Scope};
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use std::collections::HashSet;

/// The command.
pub struct Revoke;

/// Which of the user's sessions.
enum Which<'a> {
    All,
    Except(Args<'a>),
    Only(Args<'a>),
}

impl<'a> Which<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let Some(word) = args.next() else {
            return Ok(Self::All);
        };
        if args.is_empty() {
            return Err(Error::syntax());
        }
        if word.is("EXCEPT") {
            Ok(Self::Except(args))
        } else if word.is("ONLY") {
            Ok(Self::Only(args))
        } else {
            Err(Error::syntax())
        }
    }
}

impl Command for Revoke {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = name_of("user", args.next().ok_or_else(Error::syntax)?)?;
        let which = Which::parse(args)?;
        owned::refuse_foreign_slot(ctx, "SESSION.REVOKE")?;
        let caller = Caller::of(ctx)?;
        let now = ctx.now();
        let sessions = match which {
            Which::All => owned::all(ctx, &caller, user, Access::End, Scope::Node),
            Which::Except(keys) => {
                let spared = spared(ctx, keys, now);
                let mut sessions = owned::all(ctx, &caller, user, Access::End, Scope::Node);
                sessions.retain(|owned| !spared.contains(owned.name.arg().bytes()));
                sessions
            }
            Which::Only(keys) => named(ctx, &caller, keys, user, now),
        };
        let count = owned::end(ctx, sessions, now);
        ctx.reply_integer(count);
        Ok(())
    }
}

/// The keys to spare: those named, and the sessions that superseded them, so that a request which
/// still has the old ID does not end its own session.
fn spared(ctx: Ctx<'_>, keys: Args<'_>, now: i64) -> HashSet<Vec<u8>> {
    let mut spared = HashSet::new();
    for key in keys {
        if let Some(successor) = live::successor(ctx, key, now) {
            spared.insert(successor.arg().bytes().to_vec());
        }
        spared.insert(key.bytes().to_vec());
    }
    spared
}

/// The user's sessions among those named, by a superseded ID too.
fn named<'c>(
    ctx: Ctx<'c>,
    caller: &Caller,
    keys: Args<'_>,
    user: &str,
    now: i64,
) -> Vec<Owned<'c>> {
    let mut seen = HashSet::new();
    let mut sessions = Vec::new();
    for key in keys.filter(|key| caller.may(Access::End, *key)) {
        let name = live::successor(ctx, key, now).unwrap_or_else(|| ctx.string(key.bytes()));
        if caller.may(Access::End, name.arg()) && seen.insert(name.arg().bytes().to_vec()) {
            sessions.extend(owned::open(ctx, name, user));
        }
    }
    sessions
}
