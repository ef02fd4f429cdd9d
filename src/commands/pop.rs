//! `SESSION.POP`: reads and removes, atomically: flash messages, one-time codes.

use super::shared::{reply, view};
use crate::engine::change::{self, Change};
use crate::engine::event::POP_EVENT;
use crate::engine::{live, schemas};
use crate::error::{Error, Result};
use crate::json;
use crate::keyspace::state::{self, Scratch};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// The command.
pub struct Pop;

impl Command for Pop {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let pointers = view::pointers(&mut args)?;
        let now = ctx.now();
        let found = live::write(ctx, name, now)?
            .ok_or_else(|| Error::no_session("; nothing was removed"))?;
        let session = found.session();
        let schema = schemas::of_session(&session)?;
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
        let change = Change {
            data: &data.0,
            is_json: false,
            timeouts: session.timeouts(),
            schema,
            event: &POP_EVENT,
        };
        change::apply(ctx, name, found, &change, now)?;
        reply::parts(ctx, &parts);
        Ok(())
    }
}
