//! How the parser reads strings and member names.

use super::arena::Tag;
use super::cursor::{byte, offset, stop, Cursor, WINDOW};
use super::keep::Keep;
use super::names;
use super::parse::Stop;
use super::special::{find_special, first_special, WIDTH};

impl Cursor<'_> {
    /// Reads the string that begins here.
    #[inline(always)]
    pub(super) fn string(&mut self, keep: &mut impl Keep) -> Result<(), Stop> {
        let mut searched = 0;
        if let Some(window) = self.window() {
            let length = first_special(searched_part(window));
            if length < WIDTH && window[length] == b'"' {
                self.plain(keep, length);
                self.next = window[length + 1];
                return Ok(());
            }
            searched = length;
        }
        let special = self.find_special(searched);
        if byte(self.text, special) == b'"' {
            self.plain(keep, special - self.at - 1);
            self.go(special + 1);
        } else {
            let (end, _) = keep.escaped(self.text, self.at, special)?;
            self.go(end);
        }
        Ok(())
    }

    /// Reads the name that begins here and the colon behind it, if it is short and plain and that
    /// is all right behind it, and gives the name's [`key`](names::key). Else stays here.
    #[inline(always)]
    pub(super) fn short_name(&mut self, keep: &mut impl Keep) -> Option<u64> {
        let window = self.window()?;
        let name = searched_part(window);
        let length = first_special(name);
        if length < WIDTH && [window[length], window[length + 1]] == *b"\":" {
            self.plain(keep, length);
            self.at += 1;
            self.next = window[length + 2];
            Some(names::short_key(name, length))
        } else {
            None
        }
    }

    /// The first special byte of the string that begins here, of which so many bytes are not.
    #[inline(always)]
    fn find_special(&self, searched: usize) -> usize {
        find_special(self.bytes(), self.at + 1 + searched)
    }

    /// Passes a string without escapes of this length. What is next, the caller knows.
    #[inline(always)]
    fn plain(&mut self, keep: &mut impl Keep, length: usize) {
        let start = self.at;
        self.at = start + length + 2;
        keep.node(self.node(Tag::Plain, start, offset(start + 1), offset(length)));
    }
}

#[inline(always)]
fn searched_part(window: &[u8; WINDOW]) -> &[u8; WIDTH] {
    let [part @ .., _, _] = window;
    part
}

/// Reads the name of any kind that begins at the cursor. Returns its end and its
/// [`key`](names::key).
#[inline(never)]
pub(super) fn any_name(mut cursor: Cursor<'_>, keep: &mut impl Keep) -> Result<(usize, u64), Stop> {
    let special = cursor.find_special(0);
    if byte(cursor.text, special) != b'"' {
        let (end, name) = keep.escaped(cursor.text, cursor.at, special)?;
        return Ok((end, names::key(name.as_bytes())));
    }
    let name = &cursor.bytes()[cursor.at + 1..special];
    cursor.plain(keep, name.len());
    Ok((cursor.at, names::key(name)))
}

/// Appends what stands from `copied` on to the buffer, without escapes, until a quote. Returns
/// where that ends. The first special byte is at `special`.
pub(super) fn unescape(
    text: &str,
    mut copied: usize,
    mut special: usize,
    unescaped: &mut String,
) -> Result<usize, Stop> {
    loop {
        if copied < special {
            // Special bytes are ASCII and so is what ends an escape: both are whole characters.
            unescaped.push_str(&text[copied..special]);
        }
        match byte(text, special) {
            b'"' => return Ok(special + 1),
            b'\\' => {}
            _ => return Err(stop(text, special, "control character in a string")),
        }
        let character;
        (character, copied) = escape(text, special)?;
        unescaped.push(character);
        special = if byte(text, copied) == b'\\' {
            copied
        } else {
            find_special(text.as_bytes(), copied)
        };
    }
}

/// Reads the escape (or the surrogate pair of them) at `start`: the character and its end.
#[inline]
fn escape(text: &str, start: usize) -> Result<(char, usize), Stop> {
    let character = match byte(text, start + 1) {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text, start),
        _ => return Err(stop(text, start + 1, "invalid escape")),
    };
    Ok((character, start + 2))
}

fn unicode_escape(text: &str, start: usize) -> Result<(char, usize), Stop> {
    let lone = Stop {
        offset: start,
        reason: "lone surrogate",
    };
    let mut end = start + 6;
    let first = four_hex_digits(text, start + 2)?;
    let code = match first {
        0xD800..=0xDBFF => {
            if !text.as_bytes()[end..].starts_with(b"\\u") {
                return Err(lone);
            }
            let second = four_hex_digits(text, end + 2)?;
            end += 6;
            match second {
                0xDC00..=0xDFFF => 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                _ => return Err(lone),
            }
        }
        _ => first,
    };
    // Only a low surrogate without a high one before it is left to fail here.
    Ok((char::from_u32(code).ok_or(lone)?, end))
}

/// Reads the `XXXX` of `\uXXXX`.
fn four_hex_digits(text: &str, from: usize) -> Result<u32, Stop> {
    let mut code = 0;
    for at in from..from + 4 {
        let Some(digit) = char::from(byte(text, at)).to_digit(16) else {
            return Err(stop(text, at, "invalid escape"));
        };
        code = code << 4 | digit;
    }
    Ok(code)
}
