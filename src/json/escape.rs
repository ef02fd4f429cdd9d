//! Escapes in strings (RFC 8259, section 7).
//!
//! Few strings have escapes, so the parser calls this out of its loop. A lone surrogate is refused,
//! because it has no form in UTF-8.

use super::error::Stop;
use super::position::{byte, stop};
use super::search::find_special;

/// Appends to `unescaped` the string whose bytes continue at `copied`, up to its closing quote, with
/// its escapes replaced. `special` is the offset of its first special byte. Returns the offset
/// behind the quote.
pub(super) fn unescape(
    text: &str,
    mut copied: usize,
    mut special: usize,
    unescaped: &mut String,
) -> Result<usize, Stop> {
    loop {
        if copied < special {
            // Both offsets are character boundaries: special bytes are ASCII, and so is the last
            // byte of every escape.
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

/// Reads the escape at `start`, or the two that form a surrogate pair. Returns the character and the
/// offset behind it.
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
    // This fails only for a low surrogate without a high one before it.
    Ok((char::from_u32(code).ok_or(lone)?, end))
}

/// Reads the `XXXX` of `\uXXXX`, which begins at `from`.
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
