//! `SESSION.LIST`: the live sessions of a user, the most recently accessed first.

use super::owned::{self, Scope};
use super::{flag, name_of, path, reply};
use crate::error::{Error, Result};
use crate::json::Pointer;
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// The command.
pub struct List;

#[derive(Default)]
struct Options {
    withinfo: bool,
    path: Vec<Pointer>,
}

impl Options {
    fn parse(mut args: Args<'_>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            if word.is("WITHINFO") {
                flag(&mut options.withinfo)?;
            } else if word.is("PATH") {
                // Everything behind it is a pointer, so it comes last.
                options.path = path::pointers(args)?;
                break;
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }
}

impl Command for List {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = name_of("user", args.next().ok_or_else(Error::syntax)?)?;
        let options = Options::parse(args)?;
        owned::refuse_foreign_slot(ctx, "SESSION.LIST")?;
        let caller = Caller::of(ctx)?;
        let now = ctx.now();
        let mut sessions = owned::all(ctx, &caller, user, Access::Read, Scope::Node);
        sessions.retain(|owned| owned.session().is_live(now));
        sessions.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        // All that can fail comes before the first word of the reply.
        let parts = sessions
            .iter()
            .map(|owned| path::read(owned.session().data(), &options.path))
            .collect::<Result<Vec<_>>>()?;

        ctx.reply_array(sessions.len());
        for (owned, parts) in sessions.iter().zip(&parts) {
            let plain = !options.withinfo && parts.is_empty();
            if !plain {
                ctx.reply_array(1 + usize::from(options.withinfo) + parts.len());
            }
            ctx.reply(owned.name.arg().bytes());
            if options.withinfo {
                reply::info(ctx, &owned.session(), owned.expire(), now);
            }
            parts.iter().for_each(|part| path::reply_part(ctx, *part));
        }
        Ok(())
    }
}
