//! `SESSION.LIST user [LIMIT count] [WITHINFO | FIELDS n field …] [PATH pointer …]`: the live sessions of
//! a user on this node, the most recently accessed first. It does not count as an access.

use super::shared::info_field::Shown;
use super::shared::options::{count, once, user_name};
use super::shared::reply;
use super::shared::view::View;
use crate::engine::data_parts;
use crate::engine::user_search::Search;
use crate::engine::user_sessions::{self, Scope};
use crate::error::{Error, Result};
use crate::server::acl::{Access, Caller};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::users::End;

/// Implements `SESSION.LIST`.
pub struct List;

impl Command for List {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let user = user_name(args.next().ok_or_else(Error::syntax)?)?;
        let mut limit = None;
        let mut view = View::default();
        while let Some(word) = args.next() {
            if word.is("LIMIT") {
                let value = args.next().ok_or_else(Error::syntax)?;
                once(&mut limit, count("LIMIT", value)?)?;
            } else if !view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        user_sessions::refuse_in_cluster_transaction(ctx, "SESSION.LIST")?;
        let caller = Caller::of(ctx)?;
        let scope = Scope::node(ctx)?;
        let now = ctx.now();
        let search = Search {
            caller: &caller,
            access: Access::Read,
            user,
            scope,
            now,
            live_only: true,
        };
        let sessions = match limit {
            Some(limit) => search.first(ctx, End::MostRecent, limit, |_| false),
            None => {
                let mut all = search.all(ctx, |_| false);
                user_sessions::sort(&mut all, End::MostRecent);
                all
            }
        };
        // Everything that can fail comes before the reply begins.
        let parts = if view.path().is_empty() {
            Vec::new()
        } else {
            (sessions.iter())
                .map(|owned| data_parts::read(owned.session().data(), view.path()))
                .collect::<Result<_>>()?
        };

        ctx.reply_array(sessions.len());
        for (at, owned) in sessions.iter().enumerate() {
            let parts = parts.get(at).map_or(&[][..], Vec::as_slice);
            let key_alone = !view.has_info() && parts.is_empty();
            if !key_alone {
                ctx.reply_array(1 + usize::from(view.has_info()) + parts.len());
            }
            ctx.reply(owned.name.arg().bytes());
            if view.has_info() {
                let shown = Shown {
                    session: owned.session(),
                    expire: if view.has_ttl() { owned.expire() } else { None },
                    now,
                };
                view.reply_info(ctx, &shown);
            }
            parts.iter().for_each(|part| reply::part(ctx, *part));
        }
        Ok(())
    }
}
