//! The part of the parser that reads strings and member names.
//!
//! A short string, with its end inside the cursor's window, is read in the parser's loop by one
//! search. Longer strings and strings with escapes are read out of line.

use super::builder::NodeBuilder;
use super::error::Stop;
use super::name_key;
use super::node::{offset, Tag};
use super::position::{byte, Position, WINDOW};
use super::search::{find_special, first_special, WIDTH};

impl Position<'_> {
    /// Reads the string that begins at the cursor.
    #[inline(always)]
    pub(super) fn string(&mut self, builder: &mut NodeBuilder<'_>) -> Result<(), Stop> {
        let mut searched = 0;
        if let Some(window) = self.window() {
            let length = first_special(searched_part(window));
            if length < WIDTH && window[length] == b'"' {
                self.plain(builder, length);
                self.next = window[length + 1];
                return Ok(());
            }
            searched = length;
        }
        let special = self.find_special(searched);
        if byte(self.text, special) == b'"' {
            self.plain(builder, special - self.at - 1);
            self.go(special + 1);
        } else {
            let (end, _) = builder.escaped(self.at, special)?;
            self.go(end);
        }
        Ok(())
    }

    /// Reads the member name at the cursor and the colon behind it, and returns the name's
    /// [`key`](name_key::key). Only for names below [`WIDTH`] bytes without escapes, with the colon
    /// directly behind them: otherwise does nothing.
    #[inline(always)]
    pub(super) fn short_name(&mut self, builder: &mut NodeBuilder<'_>) -> Option<u64> {
        let window = self.window()?;
        let name = searched_part(window);
        let length = first_special(name);
        if length < WIDTH && [window[length], window[length + 1]] == *b"\":" {
            self.plain(builder, length);
            self.at += 1;
            self.next = window[length + 2];
            Some(name_key::short_key(u128::from_le_bytes(*name), length))
        } else {
            None
        }
    }

    /// The first special byte of the string at the cursor, whose first `searched` bytes are plain.
    #[inline(always)]
    fn find_special(&self, searched: usize) -> usize {
        find_special(self.bytes(), self.at + 1 + searched)
    }

    /// Passes a string of `length` bytes without escapes. The caller sets `next`.
    #[inline(always)]
    fn plain(&mut self, builder: &mut NodeBuilder<'_>, length: usize) {
        let start = self.at;
        self.at = start + length + 2;
        builder.node(self.node(Tag::Plain, start, offset(start + 1), offset(length)));
    }
}

#[inline(always)]
fn searched_part(window: &[u8; WINDOW]) -> &[u8; WIDTH] {
    let [part @ .., _, _] = window;
    part
}

/// Reads any member name. Returns the offset behind it and its [`key`](name_key::key).
#[inline(never)]
pub(super) fn any_name(
    mut cursor: Position<'_>,
    builder: &mut NodeBuilder<'_>,
) -> Result<(usize, u64), Stop> {
    let special = cursor.find_special(0);
    if byte(cursor.text, special) != b'"' {
        let (end, name) = builder.escaped(cursor.at, special)?;
        return Ok((end, name_key::key(name.as_bytes())));
    }
    let name = &cursor.bytes()[cursor.at + 1..special];
    cursor.plain(builder, name.len());
    Ok((cursor.at, name_key::key(name)))
}
