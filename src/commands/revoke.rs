//! `SESSION.REVOKE user [EXCEPT key … | ONLY key …]`: ends sessions of a user on this node, and
//! returns how many were live.
//!
//! The keys are not declared to the server, so that a client library sends the command to every
//! node of a cluster. Each key is therefore checked against the ACL here.

use super::shared::options::user_name;
use crate::engine::alias;
use crate::engine::user_sessions::{self, Owned, Scope};
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use std::collections::HashSet;

/// Implements `SESSION.REVOKE`.
pub struct Revoke;

/// The sessions to end, among those of the user.
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
        let user = user_name(args.next().ok_or_else(Error::syntax)?)?;
        let which = Which::parse(args)?;
        user_sessions::refuse_in_cluster_transaction(ctx, "SESSION.REVOKE")?;
        let caller = Caller::of(ctx)?;
        let now = ctx.now();
        let all = || {
            let scope = Scope::node(ctx)?;
            let all = user_sessions::all(ctx, &caller, user, Access::End, &scope);
            Ok::<_, Error>(all)
        };
        let sessions = match which {
            Which::All => all()?,
            Which::Except(keys) => {
                let spared = spared(ctx, keys, now);
                let mut sessions = all()?;
                sessions.retain(|owned| !spared.contains(owned.name.arg().bytes()));
                sessions
            }
            Which::Only(keys) => named(ctx, &caller, keys, user, now),
        };

        // Nothing fails from here on.
        let count = user_sessions::end(ctx, sessions, now);
        ctx.reply_integer(count);
        Ok(())
    }
}

/// The keys to spare: those given, and their successors. A request that still has a superseded ID
/// must not end its own session.
fn spared(ctx: Ctx<'_>, keys: Args<'_>, now: i64) -> HashSet<Vec<u8>> {
    let mut spared = HashSet::new();
    for key in keys {
        if let Some(successor) = alias::resolve(ctx, key, now) {
            spared.insert(successor.arg().bytes().to_vec());
        }
        spared.insert(key.bytes().to_vec());
    }
    spared
}

/// The user's sessions under the given keys or their successors, each once. Keys that the ACL does
/// not let the caller delete are passed over.
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
        let name = alias::resolve(ctx, key, now).unwrap_or_else(|| ctx.string(key.bytes()));
        if caller.may(Access::End, name.arg()) && seen.insert(name.arg().bytes().to_vec()) {
            sessions.extend(user_sessions::open(ctx, name, user));
        }
    }
    sessions
}
