//! Reading parts of a session's data, by JSON Pointer (RFC 6901). A part is a slice of the data, so it
//! is returned byte for byte as it was stored.

use crate::error::{Error, Result};
use crate::json::{Finder, Pointer};
use crate::keyspace::state;
use std::ops::Range;

/// Where a part is in the data, for each pointer; none where the data has nothing there.
pub type Spans = Vec<Option<Range<usize>>>;

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
pub fn spans(data: &[u8], pointers: &[Pointer]) -> Result<Spans> {
    state::ARENA.with(|arena| {
        let document = arena
            .parse(data)
            .map_err(|error| Error::bad_json("stored data", error))?;
        let root = document.root();
        let mut finder = Finder::new();
        Ok(pointers
            .iter()
            .map(|pointer| finder.resolve(pointer, root).map(|value| value.span()))
            .collect())
    })
}

/// The parts of the data that [`spans`] has found in the same data.
pub fn at(data: &[u8], spans: Spans) -> Vec<Option<&[u8]>> {
    let part = |span: Option<Range<usize>>| span.map(|span| &data[span]);
    spans.into_iter().map(part).collect()
}
