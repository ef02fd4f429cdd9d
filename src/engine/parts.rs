//! The parts of a session's data that JSON Pointers (RFC 6901) lead to.

use crate::error::{Error, Result};
use crate::json::{Finder, Pointer};
use crate::keyspace::state;
use std::ops::Range;

/// The text at each pointer; none where nothing is there.
///
/// # Errors
/// BADJSON if the data cannot be read, which no command lets happen.
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
