//! `SESSION.PATCH`: changes part of the data, atomically.

use super::shared::expiry::Expiry;
use super::shared::options::once;
use crate::engine::change::{self, Change};
use crate::engine::event::PATCH_EVENT;
use crate::engine::patching::{patched, Written};
use crate::engine::{live, schemas};
use crate::error::{Error, Result};
use crate::keyspace::state::Scratch;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;

const COMMAND: &str = "session.patch";

/// The command.
pub struct Patch;

impl Command for Patch {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name), Some(patch)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let mut expiry = Expiry::default();
        let mut if_version: Option<Arg<'_>> = None;
        while let Some(word) = args.next() {
            if word.is("IFVERSION") {
                once(&mut if_version, args.next().ok_or_else(Error::syntax)?)?;
            } else if !expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        let if_version = if_version.map(change::version).transpose()?;
        let now = ctx.now();
        expiry.check(COMMAND, now)?;
        let found = live::write(ctx, name, now)?
            .ok_or_else(|| Error::no_session("; nothing was patched"))?;
        let session = found.session();
        change::check_version(&session, if_version)?;
        let base = session.limit_base();
        let timeouts = expiry.for_present(COMMAND, now, base, session.timeouts())?;
        let schema = schemas::of_session(&session)?;
        let mut data = Scratch::take();
        let written = patched(session.data(), patch.bytes(), &mut data.0)?;
        let change = Change {
            data: &data.0,
            is_json: written == Written::Merge,
            timeouts,
            schema,
            event: &PATCH_EVENT,
        };
        let version = change::apply(ctx, name, found, &change, now)?;
        ctx.reply_integer(version.cast_signed());
        Ok(())
    }
}
