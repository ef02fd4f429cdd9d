//! `SESSION.DEL key [key …]`: ends sessions, and returns how many were live. A session can also be
//! ended by a superseded ID whose grace period lasts.

use crate::engine::effect::publish_end;
use crate::engine::{live, overdue};
use crate::error::Result;
use crate::keyspace::session_type::SESSION;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::stats;

/// Implements `SESSION.DEL`.
pub struct Del;

/// The name of a key that was deleted.
enum Name<'a, 'c> {
    /// As the client gave it.
    Given(Arg<'a>),
    /// The successor of the key that the client gave.
    Successor(OwnedString<'c>),
}

impl Name<'_, '_> {
    fn arg(&self) -> Arg<'_> {
        match self {
            Self::Given(name) => *name,
            Self::Successor(name) => name.arg(),
        }
    }
}

impl Command for Del {
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()> {
        let names: Vec<_> = args.collect();
        let now = ctx.now();
        // Every key is opened once before the first is deleted: if one is refused, none is deleted.
        for &name in &names {
            live::open_write(ctx, name, now)?;
        }

        // Nothing fails from here on.
        let mut live = 0_i64;
        let mut ended: Vec<Name<'_, '_>> = Vec::with_capacity(names.len());
        for name in names {
            // The only possible error is about an alias whose session this loop has just ended.
            if let Ok(Some(mut found)) = live::open_write(ctx, name, now) {
                live += 1;
                found.key.delete();
                match found.close() {
                    Some(successor) => ended.push(Name::Successor(successor)),
                    None => {
                        ended.push(Name::Given(name));
                        continue;
                    }
                }
            }
            // Also delete the alias by which the session was named, and a session that has ended
            // but is still stored. Neither counts as live.
            let mut key = WriteKey::open(ctx, name);
            if let Found::Value(_) = key.get(&SESSION) {
                overdue::count(&key, now);
                key.delete();
                ended.push(Name::Given(name));
            }
        }
        let keys: Vec<_> = ended.iter().map(Name::arg).collect();
        publish_end(ctx, &keys);
        stats::DELETED.add_many(live.cast_unsigned());
        ctx.reply_integer(live);
        Ok(())
    }
}
