//! JSON Pointers (RFC 6901) as arguments, and the parts of the data that they lead to.

use super::{flag, state};
use crate::error::{printable, Error, Result};
use crate::json::{Finder, Pointer};
use crate::server::args::{Arg, Args};
use crate::server::context::Ctx;
use std::ops::Range;

/// The options that say what of a session a reply shows: WITHINFO and PATH.
#[derive(Default)]
pub struct View {
    /// The map of SESSION.INFO.
    pub withinfo: bool,
    /// The parts of the data; none for what is shown without PATH.
    pub path: Vec<Pointer>,
}

impl View {
    /// Takes one option, if `word` is one of these; gives whether it was. PATH takes all that is
    /// behind it, so it comes last.
    ///
    /// # Errors
    /// Syntax: doubled, or without a pointer. ERR for what is no pointer.
    pub fn accept<'a>(&mut self, word: Arg<'a>, args: &mut Args<'a>) -> Result<bool> {
        if word.is("WITHINFO") {
            flag(&mut self.withinfo)?;
        } else if word.is("PATH") {
            self.path = pointers(args)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// Reads the rest of the arguments as pointers; there must be one at least.
///
/// # Errors
/// Syntax for none, ERR for what is no pointer.
pub fn pointers(args: &mut Args<'_>) -> Result<Vec<Pointer>> {
    if args.is_empty() {
        return Err(Error::syntax());
    }
    args.map(|arg| {
        std::str::from_utf8(arg.bytes())
            .ok()
            .and_then(|text| Pointer::parse(text).ok())
            .ok_or_else(|| {
                Error::err(format_args!(
                    "'{}' is not a JSON Pointer; it must be empty or begin with '/', with ~0 for ~ \
                     and ~1 for /",
                    printable(arg.bytes())
                ))
            })
    })
    .collect()
}

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

/// Replies with the one part, or with an array of all; nil for each that is not there.
pub fn reply<T: AsRef<[u8]>>(ctx: Ctx<'_>, parts: &[Option<T>]) {
    if parts.len() != 1 {
        ctx.reply_array(parts.len());
    }
    for part in parts {
        reply_part(ctx, part.as_ref());
    }
}

/// Replies with one part, or nil where it is not there.
pub fn reply_part<T: AsRef<[u8]>>(ctx: Ctx<'_>, part: Option<T>) {
    match part {
        Some(text) => ctx.reply(text.as_ref()),
        None => ctx.reply_null(),
    }
}
