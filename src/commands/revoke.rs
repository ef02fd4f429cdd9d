//! `SESSION.REVOKE user [LIMIT count] [EXCEPT key … | ONLY key …]`: ends sessions of a user on this
//! node, and returns how many were live.
//!
//! The keys are not declared to the server, so that a client library sends the command to every
//! node of a cluster. Each key is therefore checked against the ACL here.

use super::shared::options::{count, once, user_name};
use crate::engine::alias;
use crate::engine::end_sessions::end;
use crate::engine::user_search::Search;
use crate::engine::user_sessions::{self, Owned, Scope};
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::users::End;
use std::collections::HashSet;

/// Implements `SESSION.REVOKE`.
pub struct Revoke;

/// The sessions to end, among those of the user.
enum Which<'a> {
    Except(Args<'a>),
    Only(Args<'a>),
}

#[derive(Default)]
struct Options<'a> {
    limit: Option<usize>,
    which: Option<Which<'a>>,
}

impl<'a> Options<'a> {
    /// EXCEPT and ONLY take all arguments behind them, so that a key can have any name, also LIMIT.
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            if args.is_empty() {
                return Err(Error::syntax());
            }
            if word.is("LIMIT") {
                let value = args.next().ok_or_else(Error::syntax)?;
                once(&mut options.limit, count("LIMIT", value)?)?;
            } else if word.is("EXCEPT") {
                options.which = Some(Which::Except(args));
                break;
            } else if word.is("ONLY") {
                options.which = Some(Which::Only(args));
                break;
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }
}

impl Command for Revoke {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = user_name(args.next().ok_or_else(Error::syntax)?)?;
        let Options { limit, which } = Options::parse(args)?;
        user_sessions::refuse_in_cluster_transaction(ctx, "SESSION.REVOKE")?;
        let caller = Caller::of(ctx)?;
        let now = ctx.now();
        let except = match which {
            Some(Which::Only(keys)) => {
                // Nothing fails from here on.
                let sessions = named(ctx, &caller, keys, user, now);
                ctx.reply_integer(end(ctx, up_to(limit, sessions), now));
                return Ok(());
            }
            Some(Which::Except(keys)) => spared(ctx, keys, now),
            None => HashSet::new(),
        };
        let search = Search {
            caller: &caller,
            access: Access::End,
            user,
            scope: Scope::node(ctx)?,
            now,
            live_only: false,
        };

        // Nothing fails from here on.
        let is_spared = |key: &[u8]| !except.is_empty() && except.contains(key);
        let sessions = match limit {
            Some(limit) => search.first(ctx, End::LeastRecent, limit, is_spared),
            None => search.all(ctx, is_spared),
        };
        ctx.reply_integer(end(ctx, sessions, now));
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
    caller: &Caller<'_>,
    keys: Args<'_>,
    user: &str,
    now: i64,
) -> Vec<Owned<'c>> {
    let may_end = |key: Arg<'_>| caller.may(Access::End, key);
    let mut seen = HashSet::new();
    let mut sessions = Vec::new();
    for key in keys.filter(|key| may_end(*key)) {
        let name = alias::resolve(ctx, key, now).unwrap_or_else(|| ctx.string(key.bytes()));
        if may_end(name.arg()) && seen.insert(name.arg().bytes().to_vec()) {
            sessions.extend(user_sessions::open(ctx, name, user, now));
        }
    }
    sessions
}

/// The least recently accessed of these sessions: at most `limit` live ones, and the others that come
/// before the last of these.
fn up_to(limit: Option<usize>, mut sessions: Vec<Owned<'_>>) -> Vec<Owned<'_>> {
    if let Some(limit) = limit {
        user_sessions::sort(&mut sessions, End::LeastRecent);
        user_sessions::cut(&mut sessions, limit);
    }
    sessions
}
