//! `SESSION.POP key pointer [pointer …]`: returns parts of a live session's data and removes them,
//! for example flash messages and one-time codes.
//!
//! Reading and removing are one step, so that no two clients get the same part.

use super::shared::{reply, view};
use crate::engine::change::{self, NewState};
use crate::engine::event::POP_EVENT;
use crate::engine::{data_parts, live, schema_lookup};
use crate::error::{Error, Result};
use crate::json::{self, PopError};
use crate::keyspace::state::{keep_edits, take_edits, Scratch};
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
        let (mut edits, mut data) = (take_edits(), Scratch::take());
        let places = json::pop(session.data(), &pointers, &mut edits);
        let places = places.map_err(|error| match error {
            PopError::Whole => {
                Error::err("the whole data cannot be removed; end the session with SESSION.DEL")
            }
            PopError::NotJson => data_parts::not_json(),
        })?;
        let parts = data_parts::at(session.data(), places).into_iter();
        let parts: Vec<_> = parts.map(|part| part.map(<[u8]>::to_vec)).collect();
        edits.apply(session.data(), &mut data.0);
        let new = NewState {
            data: &data.0,
            edits: Some(&edits),
            // Without some of its members and elements it is what it was.
            is_strict_json: true,
            timeouts: session.timeouts(),
            names_timeout: false,
            schema,
            event: &POP_EVENT,
        };
        change::apply(ctx, name, found, &new, now)?;
        keep_edits(edits);
        reply::parts(ctx, &parts);
        Ok(())
    }
}
