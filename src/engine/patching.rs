//! Data as a patch makes it: an object is a merge patch (RFC 7396), an array a JSON Patch (RFC 6902).

use crate::config;
use crate::error::{Error, Result};
use crate::json::{self, PatchError, PatchErrorKind, ValueKind};
use crate::keyspace::state;

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
