//! The options WITHINFO and PATH, which choose what of a session a reply shows.

use super::options::flag;
use crate::error::{printable, Error, Result};
use crate::json::Pointer;
use crate::server::args::{Arg, Args};

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
