//! Applying a patch to data, for PATCH and ROTATE. The patch's own type decides how it is read: an
//! object is a JSON Merge Patch (RFC 7396), an array a JSON Patch (RFC 6902).

use crate::config;
use crate::error::{Error, Result};
use crate::json::{self, PatchError, PatchErrorKind, ValueKind};
use crate::keyspace::state;

/// The format of a patch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PatchFormat {
    /// A JSON Merge Patch. Its result is always strict JSON: it is nested no deeper than the deeper
    /// of data and patch, and no object gets a name twice.
    Merge,
    /// A JSON Patch. Its result must be checked, because operations can nest data deeper.
    Operations,
}

/// Applies the patch to the data, writes the new data to `out`, and returns the patch's format.
///
/// # Errors
/// BADJSON for a patch that is not strict JSON; CONFLICT for an operation that cannot be applied;
/// ERR for a patch that is longer than `session.max-data-bytes` or makes the data so, and for one
/// that is neither an object nor an array of operations.
pub fn apply(data: &[u8], patch: &[u8], out: &mut Vec<u8>) -> Result<PatchFormat> {
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
                    Ok(PatchFormat::Merge)
                }
                ValueKind::Array => {
                    let max_bytes = usize::try_from(limit).unwrap_or(usize::MAX);
                    json::apply(document, patch, max_bytes, out)
                        .map(|_| PatchFormat::Operations)
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
        // Not CONFLICT, on which clients read the session again and retry: that cannot help here.
        PatchErrorKind::CannotApply if error.is_limit() => Error::err(error),
        PatchErrorKind::CannotApply => Error::conflict(error),
    }
}
