//! `SESSION.DEL`: ends sessions.

use crate::engine::effect::publish_end;
use crate::engine::live;
use crate::error::Result;
use crate::keyspace::session_type::SESSION;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::stats;

/// The command.
pub struct Del;

/// A key that is gone: as it was named, or the session's own where a superseded ID was named.
enum Name<'a, 'c> {
    Given(Arg<'a>),
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
        // A first look at all of them: one that is refused must leave every one in place.
        for &name in &names {
            live::write(ctx, name, now)?;
        }
        let mut live = 0_i64;
        let mut ended: Vec<Name<'_, '_>> = Vec::with_capacity(names.len());
        for name in names {
            // No error from here on: at most a superseded ID whose session has just been ended.
            if let Ok(Some(mut found)) = live::write(ctx, name, now) {
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
            // What has ended but whose key is still there goes too, and does not count; and so
            // does the superseded ID by which the session was ended.
            let mut key = WriteKey::open(ctx, name);
            if let Found::Value(_) = key.get(&SESSION) {
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
