//! Reading parts of a session's data, by JSON Pointer (RFC 6901). A part is a slice of the data, so it
//! is returned byte for byte as it was stored.

use crate::error::{Error, Result};
use crate::json::{find, Places, Pointer};
use std::ops::Range;

/// The JSON text at each pointer, in the order of the pointers; none where the data has nothing
/// there.
///
/// # Errors
/// As for [`spans`].
pub fn read<'d>(data: &'d [u8], pointers: &[Pointer]) -> Result<Vec<Option<&'d [u8]>>> {
    if pointers.is_empty() {
        return Ok(Vec::new());
    }
    spans(data, pointers).map(|spans| at(data, spans))
}

/// Where the JSON text at each pointer is, in the order of the pointers. It borrows no data: the
/// session can be stored anew with the same data before the parts are read.
///
/// # Errors
/// BADJSON if the stored data is not strict JSON, which no command allows to be stored.
pub fn spans(data: &[u8], pointers: &[Pointer]) -> Result<Places> {
    find(data, pointers).map_err(|_| not_json())
}

/// The error for stored data that is not strict JSON.
pub fn not_json() -> Error {
    Error::bad_json("stored data", "it is not strict JSON")
}

/// The parts of the data that [`spans`] has found in the same data.
pub fn at(data: &[u8], spans: Places) -> Vec<Option<&[u8]>> {
    let part = |span: Option<Range<usize>>| span.map(|span| &data[span]);
    spans.into_iter().map(part).collect()
}
