//! Why a text is not JSON, and where.

use std::fmt;

/// Why a text was refused.
///
/// It holds nothing of the text itself: session data must not show up in replies or logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// Line of the offending place, from 1. Only a line feed ends a line.
    pub line: u32,
    /// Column of the offending place, from 1, in characters (Unicode code points), not bytes.
    pub column: u32,
    /// What is wrong, in a few words.
    pub reason: &'static str,
}

impl Error {
    /// The error for the byte at `offset`, or for the end of the text.
    ///
    /// Lines are only counted here, on the cold path, rather than while parsing.
    #[cold]
    pub(super) fn at(text: &[u8], offset: usize, reason: &'static str) -> Self {
        let before = &text[..offset.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let lines = before[..line_start].iter().filter(|&&byte| byte == b'\n');
        // Every byte but UTF-8's continuation bytes starts a character.
        let characters = before[line_start..]
            .iter()
            .filter(|&&byte| byte & 0xC0 != 0x80);
        Self {
            line: one_based(lines.count()),
            column: one_based(characters.count()),
            reason,
        }
    }
}

fn one_based(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at line {} column {}",
            self.reason, self.line, self.column
        )
    }
}

impl std::error::Error for Error {}
