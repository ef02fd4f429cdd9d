//! `SESSION.POP key pointer [pointer …]`: returns parts of a live session's data and removes them,
//! for example flash messages and one-time codes.
//!
//! Reading and removing are one step, so that no two clients get the same part.

use super::shared::{reply, view};
use crate::engine::change::{self, NewState};
use crate::engine::event::POP_EVENT;
use crate::engine::{live, schema_lookup};
use crate::error::{Error, Result};
use crate::json;
use crate::keyspace::state::{self, Scratch};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.POP`.
pub struct Pop;

impl Command for Pop {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let pointers = view::pointers(&mut args)?;
        let now = ctx.now();
        let found = live::open_write(ctx, name, now)?
            .ok_or_else(|| Error::no_session("; nothing was removed"))?;
        let session = found.session();
        let schema = schema_lookup::of_session(&session)?;
        let mut data = Scratch::take();
        let parts: Vec<Option<Vec<u8>>> = state::ARENA.with(|arena| {
            let document = arena
                .parse(session.data())
                .map_err(|error| Error::bad_json("stored data", error))?;
            let parts = json::pop(document, &pointers, &mut data.0).map_err(|_| {
                Error::err("the whole data cannot be removed; end the session with SESSION.DEL")
            })?;
            Ok(parts.into_iter().map(|part| part.map(Into::into)).collect())
        })?;
        let new = NewState {
            data: &data.0,
            is_strict_json: false,
            timeouts: session.timeouts(),
            names_timeout: false,
            schema,
            event: &POP_EVENT,
        };
        change::apply(ctx, name, found, &new, now)?;
        reply::parts(ctx, &parts);
        Ok(())
    }
}
