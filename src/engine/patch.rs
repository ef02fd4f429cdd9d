//! Applying a patch to data, for PATCH and ROTATE. The patch's own type decides how it is read: an
//! object is a JSON Merge Patch (RFC 7396), an array a JSON Patch (RFC 6902).

use super::data_parts::not_json;
use crate::config;
use crate::error::{Error, Result};
use crate::json::{self, Edits, PatchError, PatchErrorKind, ValueKind};
use crate::keyspace::state;

/// Applies the patch to the data: writes the new data to `out` and what changed to `edits`. Returns
/// whether the result is known to be strict JSON.
///
/// The result of a merge patch always is: it is nested no deeper than the deeper of data and patch, and
/// no object gets a name twice. Operations can nest data deeper.
///
/// # Errors
/// BADJSON for a patch that is not strict JSON; CONFLICT for an operation that cannot be applied;
/// ERR for a patch that is longer than `session.max-data-bytes` or makes the data so, and for one
/// that is neither an object nor an array of operations.
pub fn apply(data: &[u8], patch: &[u8], edits: &mut Edits, out: &mut Vec<u8>) -> Result<bool> {
    let limit = config::MAX_DATA_BYTES.get();
    if patch.len() as u64 > limit.cast_unsigned() {
        return Err(Error::err(format_args!(
            "the patch has {} bytes; session.max-data-bytes allows {limit}",
            patch.len()
        )));
    }
    state::ARENA.with(|arena| {
        state::PATCH_ARENA.with(|patch_arena| {
            let patch = patch_arena
                .parse(patch)
                .map_err(|error| Error::bad_json("patch", error))?;
            match patch.root().kind() {
                ValueKind::Object => {
                    json::merge(data, patch, arena, edits).map_err(|_| not_json())?;
                    edits.apply(data, out);
                    Ok(true)
                }
                ValueKind::Array => {
                    let document = arena
                        .parse(data)
                        .map_err(|error| Error::bad_json("stored data", error))?;
                    let max_bytes = usize::try_from(limit).unwrap_or(usize::MAX);
                    json::apply(document, patch, max_bytes, out)
                        .map_err(|error| not_applied(&error))?;
                    *edits = Edits::between(data, out);
                    Ok(false)
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
