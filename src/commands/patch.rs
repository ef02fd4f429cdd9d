//! `SESSION.PATCH`: changes part of the data, atomically.

use super::change::{self, Change};
use super::effect::PATCH_EVENT;
use super::expiry::Expiry;
use super::state::{self, Scratch};
use super::{find, once};
use crate::config;
use crate::error::{Error, Result};
use crate::json::{self, PatchError, PatchErrorKind, ValueKind};
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
        let found = find::write(ctx, name, now)?
            .ok_or_else(|| Error::no_session("; nothing was patched"))?;
        let session = found.session();
        change::check_version(&session, if_version)?;
        let base = session.limit_base();
        let timeouts = expiry.for_present(COMMAND, now, base, session.timeouts())?;
        let schema = change::present_schema(&session)?;
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

/// How a patch has made new data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// By merging two texts that were parsed, which nests no deeper than the deeper of them and gives
    /// no object a name twice: what comes of it is JSON as SESSION.SET takes it.
    Merge,
    /// By operations.
    Patch,
}

/// Writes the data as the patch makes it to `out`: an object is a merge patch (RFC 7396), an array
/// a JSON Patch (RFC 6902).
///
/// # Errors
/// BADJSON for a patch that is no JSON, CONFLICT for an operation that cannot be applied, ERR for
/// what is neither an object nor an array of operations, or makes the data too long.
pub fn patched(data: &[u8], patch: &[u8], out: &mut Vec<u8>) -> Result<Written> {
    let limit = config::MAX_DATA_BYTES.get();
    if patch.len() as u64 > limit.cast_unsigned() {
        return Err(Error::err(format_args!(
            "the patch has {} bytes; session.max-data-bytes allows {limit}",
            patch.len()
        )));
    }
    state::ARENA.with(|old| {
        state::PATCH_ARENA.with(|new| {
            let document = old
                .parse(data)
                .map_err(|error| Error::bad_json("stored data", error))?;
            let patch = new
                .parse(patch)
                .map_err(|error| Error::bad_json("patch", error))?;
            match patch.root().kind() {
                ValueKind::Object => {
                    json::merge(document, patch, out);
                    Ok(Written::Merge)
                }
                ValueKind::Array => {
                    let max_bytes = usize::try_from(limit).unwrap_or(usize::MAX);
                    json::apply(document, patch, max_bytes, out)
                        .map(|_| Written::Patch)
                        .map_err(|error| not_applied(&error))
                }
                _ => Err(Error::err(
                    "a patch must be an object (RFC 7396) or an array of operations (RFC 6902)",
                )),
            }
        })
    })
}

fn not_applied(error: &PatchError) -> Error {
    match error.kind {
        PatchErrorKind::Malformed => Error::err(format_args!(
            "the patch is no JSON Patch (RFC 6902): {error}"
        )),
        // Whoever is told of a conflict reads and tries again, which helps nobody here.
        PatchErrorKind::CannotApply if error.is_limit() => Error::err(error),
        PatchErrorKind::CannotApply => Error::conflict(error),
    }
}
