//! `SESSION.LIST`: the live sessions of a user, the most recently accessed first.

use super::shared::options::name_of;
use super::shared::reply;
use super::shared::view::View;
use crate::engine::owned::{self, Scope};
use crate::engine::parts;
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// The command.
pub struct List;

impl Command for List {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = name_of("user", args.next().ok_or_else(Error::syntax)?)?;
        let mut view = View::default();
        while let Some(word) = args.next() {
            if !view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        owned::refuse_foreign_slot(ctx, "SESSION.LIST")?;
        let caller = Caller::of(ctx)?;
        let now = ctx.now();
        let mut sessions = owned::all(ctx, &caller, user, Access::Read, Scope::Node);
        sessions.retain(|owned| owned.session().is_live(now));
        sessions.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        // All that can fail comes before the first word of the reply.
        let parts = sessions
            .iter()
            .map(|owned| parts::read(owned.session().data(), &view.path))
            .collect::<Result<Vec<_>>>()?;

        ctx.reply_array(sessions.len());
        for (owned, parts) in sessions.iter().zip(&parts) {
            let plain = !view.withinfo && parts.is_empty();
            if !plain {
                ctx.reply_array(1 + usize::from(view.withinfo) + parts.len());
            }
            ctx.reply(owned.name.arg().bytes());
            if view.withinfo {
                reply::info(ctx, &owned.session(), owned.expire(), now);
            }
            parts.iter().for_each(|part| reply::part(ctx, *part));
        }
        Ok(())
    }
}
