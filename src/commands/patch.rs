//! `SESSION.PATCH key patch [IFVERSION version] [expiry] [SCHEMA name]`: changes part of a live
//! session's data, by a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902).

use super::shared::expiry::Expiry;
use super::shared::options::{check_version, number, once, schema_name};
use crate::engine::change::{self, NewState};
use crate::engine::event::PATCH_EVENT;
use crate::engine::{live, patch, schema_lookup};
use crate::error::{Error, Result};
use crate::keyspace::state::{keep_edits, take_edits, Scratch};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;

const COMMAND: &str = "session.patch";

/// Implements `SESSION.PATCH`.
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
        let mut schema: Option<&str> = None;
        while let Some(word) = args.next() {
            if word.is("IFVERSION") {
                once(&mut if_version, args.next().ok_or_else(Error::syntax)?)?;
            } else if word.is("SCHEMA") {
                let name = args.next().ok_or_else(Error::syntax)?;
                once(&mut schema, schema_name(name)?)?;
            } else if !expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        let if_version = if_version.map(number).transpose()?;
        let now = ctx.now();
        expiry.check(COMMAND, now)?;
        let found = live::open_write(ctx, name, now)?
            .ok_or_else(|| Error::no_session("; nothing was patched"))?;
        let chosen = schema_lookup::chosen(found.name(name).bytes(), schema)?;
        let session = found.session();
        check_version(&session, if_version)?;
        let timeouts = expiry.for_session(COMMAND, now, &session)?;
        let schema = schema_lookup::chosen_or_present(chosen, &session)?;
        let (mut edits, mut data) = (take_edits(), Scratch::take());
        let is_strict_json = patch::apply(session.data(), patch.bytes(), &mut edits, &mut data.0)?;
        let new = NewState {
            data: &data.0,
            edits: Some(&edits),
            is_strict_json,
            timeouts,
            names_timeout: expiry.is_given(),
            schema,
            event: &PATCH_EVENT,
        };
        let version = change::apply(ctx, name, found, &new, now)?;
        keep_edits(edits);
        ctx.reply_integer(version.cast_signed());
        Ok(())
    }
}
