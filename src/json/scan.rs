//! The parser's inner loops: strings and numbers.

use super::arena::Tag;
use super::parse::{offset, Parser, Stop};

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES * 0x80;

/// A bit for the first byte of `word` that is a quote, a backslash or a control character, and
/// perhaps for bytes after it; 0 if there is none.
#[inline]
fn first_special(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    // The classic "has a byte below n": its borrows only disturb bytes after the first hit.
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word;
    (below(quote, 1) | below(backslash, 1) | below(word, 0x20)) & HIGHS
}

impl Parser<'_> {
    /// The offset of the next quote, backslash or control character from `from` on, or the end.
    #[inline(always)] // A call would cost half as much again as the usual search.
    fn find_special(&self, from: usize) -> usize {
        let mut at = from;
        // Eight bytes at a time: most names and values end within the first two rounds.
        while let Some(chunk) = self.bytes[at..].first_chunk::<8>() {
            let special = first_special(u64::from_le_bytes(*chunk));
            if special != 0 {
                return at + special.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        let rest = self.bytes[at..].iter();
        at + rest
            .take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20)
            .count()
    }

    /// Reads the string that begins here.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Result<(), Stop> {
        let start = self.position;
        let special = self.find_special(start + 1);
        if self.bytes.get(special) == Some(&b'"') {
            self.position = special + 1;
            self.push(
                Tag::Plain,
                start,
                offset(start + 1),
                offset(special - start - 1),
            );
            return Ok(());
        }
        self.escaped_string(start, special)
    }

    /// Reads on in a string that is not plain; `special` is its first special character.
    #[cold]
    fn escaped_string(&mut self, start: usize, special: usize) -> Result<(), Stop> {
        let text = self.text;
        let begin = self.arena.unescaped.len();
        let mut copied = start + 1;
        self.position = special;
        loop {
            // `position` is at a special character, all of which are ASCII, or at the end.
            self.arena.unescaped.push_str(&text[copied..self.position]);
            match self.peek() {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return Err(self.stop("control character in a string")),
            }
            copied = self.position;
            self.position = self.find_special(copied);
        }
        self.position += 1;
        let length = self.arena.unescaped.len() - begin;
        // Unescaping only shortens, so these fit as the text's offsets do.
        self.push(Tag::Escaped, start, offset(begin), offset(length));
        Ok(())
    }

    /// Reads one escape (or a surrogate pair of them) into the buffer.
    fn escape(&mut self) -> Result<(), Stop> {
        let start = self.position;
        self.position += 1;
        let character = match self.peek() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(start),
            _ => return Err(self.stop("invalid escape")),
        };
        self.position += 1;
        self.arena.unescaped.push(character);
        Ok(())
    }

    fn unicode_escape(&mut self, start: usize) -> Result<(), Stop> {
        let lone = Stop {
            offset: start,
            reason: "lone surrogate",
        };
        let first = self.four_hex_digits()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if !self.bytes[self.position..].starts_with(b"\\u") {
                    return Err(lone);
                }
                self.position += 1;
                match self.four_hex_digits()? {
                    second @ 0xDC00..=0xDFFF => {
                        0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                    }
                    _ => return Err(lone),
                }
            }
            _ => first,
        };
        // Only a low surrogate without a high one before it is left to fail here.
        let character = char::from_u32(code).ok_or(lone)?;
        self.arena.unescaped.push(character);
        Ok(())
    }

    /// Reads `uXXXX`.
    fn four_hex_digits(&mut self) -> Result<u32, Stop> {
        let mut code = 0;
        for _ in 0..4 {
            self.position += 1;
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.stop("invalid escape"));
            };
            code = code << 4 | digit;
        }
        self.position += 1;
        Ok(code)
    }

    /// Reads the number that begins here.
    #[inline]
    pub(super) fn number(&mut self) -> Result<(), Stop> {
        let start = self.position;
        let negative = self.peek() == b'-';
        self.position += usize::from(negative);
        let first = self.position;
        let mut magnitude: u64 = 0;
        while let digit @ b'0'..=b'9' = self.peek() {
            // Wraps beyond 19 digits, where the value is not used.
            magnitude = magnitude
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            self.position += 1;
        }
        let digits = self.position - first;
        if digits == 0 {
            return Err(self.stop("expected a digit"));
        }
        if digits > 1 && self.bytes[first] == b'0' {
            self.position = first;
            return Err(self.stop("number with a leading zero"));
        }
        if matches!(self.peek(), b'.' | b'e' | b'E') {
            return self.decimal(start);
        }
        let exact = match digits {
            ..=19 => Some(magnitude),
            20 => self.text[first..self.position].parse().ok(),
            _ => None,
        };
        let (tag, wide) = match exact {
            Some(value) if !negative => (Tag::Positive, value),
            Some(value) if value <= i64::MIN.unsigned_abs() => (Tag::Negative, value),
            _ => (Tag::Big, 0),
        };
        self.push(tag, start, wide as u32, (wide >> 32) as u32);
        Ok(())
    }

    /// Reads fraction and exponent.
    fn decimal(&mut self, start: usize) -> Result<(), Stop> {
        if self.peek() == b'.' {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.position += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.position += 1;
            }
            self.digits()?;
        }
        self.push(Tag::Decimal, start, 0, 0);
        Ok(())
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Result<(), Stop> {
        if !self.peek().is_ascii_digit() {
            return Err(self.stop("expected a digit"));
        }
        while self.peek().is_ascii_digit() {
            self.position += 1;
        }
        Ok(())
    }
}
