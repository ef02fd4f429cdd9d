//! Strings, numbers, literals and member names at a [`Cursor`]: each is passed if it is strict JSON.
//!
//! The functions return the cursor behind what they pass, or None.

use super::cursor::{Cursor, PADDING};
use super::name_key;

/// Passes a string, from behind its first quote.
#[inline(always)]
pub fn string(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let end = at.special();
    match end.byte() {
        b'"' => Some(end.step()),
        _ => escaped(end),
    }
}

/// Does the same from a byte that is special, but no quote.
#[inline(never)]
fn escaped(mut at: Cursor<'_>) -> Option<Cursor<'_>> {
    loop {
        at = at.eat(b'\\')?;
        at = match at.byte() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at.step(),
            b'u' => unicode(at.step())?,
            _ => return None,
        };
        at = at.special();
        if at.byte() == b'"' {
            return Some(at.step());
        }
    }
}

/// Passes the hexadecimal digits of an escape, and those of a second one that a surrogate must have.
fn unicode(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match four_digits(at)? {
        (0xD800..=0xDBFF, at) => match four_digits(at.eat_all(b"\\u")?)? {
            (0xDC00..=0xDFFF, at) => Some(at),
            _ => None,
        },
        (0xDC00..=0xDFFF, _) => None,
        (_, at) => Some(at),
    }
}

fn four_digits(mut at: Cursor<'_>) -> Option<(u32, Cursor<'_>)> {
    let mut code = 0;
    for _ in 0..4 {
        code = code << 4 | char::from(at.byte()).to_digit(16)?;
        at = at.step();
    }
    Some((code, at))
}

/// Passes a number that begins with a digit other than 0, which is here.
#[inline(always)]
pub fn number(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut end = at.step();
    if end.byte().is_ascii_digit() {
        end = end.digits_end();
    }
    match end.byte() {
        b'.' | b'e' | b'E' => decimal(end),
        _ => Some(end),
    }
}

/// Passes the fraction and the exponent of a number, one or both of which are here.
#[inline(never)]
fn decimal(mut at: Cursor<'_>) -> Option<Cursor<'_>> {
    if let Some(fraction) = at.eat(b'.') {
        at = digits(fraction)?;
    }
    if let b'e' | b'E' = at.byte() {
        at = at.step();
        if let b'+' | b'-' = at.byte() {
            at = at.step();
        }
        at = digits(at)?;
    }
    Some(at)
}

/// Passes at least one digit.
#[inline(always)]
fn digits(at: Cursor<'_>) -> Option<Cursor<'_>> {
    at.byte().is_ascii_digit().then(|| at.digits_end())
}

/// Passes a literal, or a number that begins with 0 or a minus.
#[inline(always)]
pub fn other(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match at.byte() {
        b't' => at.eat_all(b"true"),
        b'f' => at.eat_all(b"false"),
        b'n' => at.eat_all(b"null"),
        b'-' => zero_or_more(at.step()),
        b'0' => zero_or_more(at),
        _ => None,
    }
}

/// Passes a number without its sign.
#[inline(never)]
fn zero_or_more(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match at.byte() {
        b'1'..=b'9' => number(at),
        b'0' if !at.step().byte().is_ascii_digit() => match at.step().byte() {
            b'.' | b'e' | b'E' => decimal(at.step()),
            _ => Some(at.step()),
        },
        _ => None,
    }
}

/// Reads a member name without escapes, from behind its first quote: its [key](name_key::key), and the
/// cursor at its last quote.
#[inline(always)]
pub fn name(at: Cursor<'_>) -> Option<(u64, Cursor<'_>)> {
    let end = at.special();
    // The parser reads names with escapes.
    if end.byte() != b'"' {
        return None;
    }
    let length = end.bytes_from(at);
    let key = match length {
        ..=PADDING => name_key::short_key(at.chunk(), length),
        _ => long_key(at, length),
    };
    Some((key, end))
}

#[inline(never)]
fn long_key(mut at: Cursor<'_>, mut length: usize) -> u64 {
    let mut key = 0;
    while length > 0 {
        let count = length.min(PADDING);
        key = name_key::longer(key, at.chunk(), count);
        length -= count;
        at = at.special_or_chunk_end();
    }
    key
}
