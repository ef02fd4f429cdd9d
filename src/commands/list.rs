//! `SESSION.LIST user [WITHINFO | FIELDS n field …] [PATH pointer …]`: the live sessions of a user on this node, the
//! most recently accessed first. It does not count as an access.

use super::shared::info_field::Shown;
use super::shared::options::user_name;
use super::shared::reply;
use super::shared::view::View;
use crate::engine::data_parts;
use crate::engine::user_sessions::{self, Scope};
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.LIST`.
pub struct List;

impl Command for List {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = user_name(args.next().ok_or_else(Error::syntax)?)?;
        let mut view = View::default();
        while let Some(word) = args.next() {
            if !view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        user_sessions::refuse_in_cluster_transaction(ctx, "SESSION.LIST")?;
        let caller = Caller::of(ctx)?;
        let scope = Scope::node(ctx)?;
        let now = ctx.now();
        let mut sessions = user_sessions::all(ctx, &caller, user, Access::Read, &scope);
        sessions.retain(|owned| owned.session().is_live(now));
        sessions.sort_unstable_by(|a, b| a.order(now).cmp(&b.order(now)));
        // Everything that can fail comes before the reply begins.
        let parts = sessions
            .iter()
            .map(|owned| data_parts::read(owned.session().data(), view.path()))
            .collect::<Result<Vec<_>>>()?;

        ctx.reply_array(sessions.len());
        for (owned, parts) in sessions.iter().zip(&parts) {
            let key_alone = !view.has_info() && parts.is_empty();
            if !key_alone {
                ctx.reply_array(1 + usize::from(view.has_info()) + parts.len());
            }
            ctx.reply(owned.name.arg().bytes());
            if view.has_info() {
                let shown = Shown {
                    session: owned.session(),
                    expire: owned.expire(),
                    now,
                };
                view.reply_info(ctx, &shown);
            }
            parts.iter().for_each(|part| reply::part(ctx, *part));
        }
        Ok(())
    }
}
