//! Reading parts of a session's data, by JSON Pointer (RFC 6901). A part is a slice of the data, so it
//! is returned byte for byte as it was stored.

use crate::error::{Error, Result};
use crate::json::{Finder, Pointer};
use crate::keyspace::state;
use std::ops::Range;

/// The JSON text at each pointer, in the order of the pointers; none where the data has nothing
/// there.
///
/// # Errors
/// BADJSON if the stored data is not strict JSON, which no command allows to be stored.
pub fn read<'d>(data: &'d [u8], pointers: &[Pointer]) -> Result<Vec<Option<&'d [u8]>>> {
    if pointers.is_empty() {
        return Ok(Vec::new());
    }
    let spans: Vec<Option<Range<usize>>> = state::ARENA.with(|arena| {
        let document = arena
            .parse(data)
            .map_err(|error| Error::bad_json("stored data", error))?;
        let root = document.root();
        let mut finder = Finder::new();
        Ok(pointers
            .iter()
            .map(|pointer| finder.resolve(pointer, root).map(|value| value.span()))
            .collect())
    })?;
    Ok(spans
        .into_iter()
        .map(|span| span.map(|span| &data[span]))
        .collect())
}
