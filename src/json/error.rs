//! The errors of the parser: the reason why a text is not JSON, and the place.
//!
//! The parser fails with a [`Stop`], which only holds an offset. [`ParseError`] is made from it at
//! the end: lines and columns are counted on this cold path rather than while parsing.

use std::fmt;

/// A failure of the parser.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) offset: usize,
    pub(super) reason: &'static str,
}

/// The reason why a text was refused, and the place.
///
/// It holds no part of the text: session data must not show up in replies or logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// The line of the error, from 1. Only a line feed ends a line.
    pub line: u32,
    /// The column of the error, from 1, in characters (Unicode code points), not bytes.
    pub column: u32,
    /// The fault, in a few words.
    pub reason: &'static str,
}

impl ParseError {
    /// The error for a failure in `text`. An offset beyond the end means the end.
    #[cold]
    pub(super) fn at(text: &[u8], stop: &Stop) -> Self {
        let before = &text[..stop.offset.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let lines = before[..line_start].iter().filter(|&&byte| byte == b'\n');
        // Every byte except UTF-8's continuation bytes starts a character.
        let characters = before[line_start..]
            .iter()
            .filter(|&&byte| byte & 0xC0 != 0x80);
        Self {
            line: one_based(lines.count()),
            column: one_based(characters.count()),
            reason: stop.reason,
        }
    }
}

fn one_based(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at line {} column {}",
            self.reason, self.line, self.column
        )
    }
}

impl std::error::Error for ParseError {}
