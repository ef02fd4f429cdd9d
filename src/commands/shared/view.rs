//! The options WITHINFO and PATH of GET and LIST: which parts of a session a reply shows.

use super::options::flag;
use crate::error::{printable, Error, Result};
use crate::json::Pointer;
use crate::server::args::{Arg, Args};

/// WITHINFO and PATH as they were given.
#[derive(Default)]
pub struct View {
    /// Whether the reply has the map of SESSION.INFO.
    pub withinfo: bool,
    /// The pointers to the parts of the data that the reply has; empty without PATH.
    pub path: Vec<Pointer>,
}

impl View {
    /// Reads one option, if `word` is one of these options. Returns whether it was. PATH takes all
    /// arguments behind it, so it is always the last option.
    ///
    /// # Errors
    /// Syntax for WITHINFO repeated, and for PATH without a pointer; ERR for an argument that is
    /// not a JSON Pointer.
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

/// Reads all remaining arguments as JSON Pointers (RFC 6901).
///
/// # Errors
/// Syntax if there are none; ERR for an argument that is not a JSON Pointer.
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
