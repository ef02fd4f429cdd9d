//! Reads a pattern character by character, and the escapes that mean one character.

use super::fault::{Fault, FaultKind};

/// A code point: that of a character, or of half a surrogate pair, which no string contains.
pub(super) type CodePoint = u32;

pub(super) struct Reader<'p> {
    pattern: &'p str,
    /// The place of the next character, in bytes.
    at: usize,
}

impl<'p> Reader<'p> {
    pub fn new(pattern: &'p str) -> Self {
        Self { pattern, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub fn eat(&mut self, expected: &str) -> bool {
        let eaten = self.rest().starts_with(expected);
        if eaten {
            self.at += expected.len();
        }
        eaten
    }

    /// Reads while `belongs` holds.
    pub fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The fault `kind` at the byte `at`.
    pub fn fault(&self, kind: FaultKind, at: usize) -> Fault {
        Fault {
            kind,
            at: self.pattern[..at].chars().count(),
        }
    }

    pub fn syntax(&self, what: &'static str, at: usize) -> Fault {
        self.fault(FaultKind::Syntax(what), at)
    }

    pub fn not_linear(&self, what: &'static str, at: usize) -> Fault {
        self.fault(FaultKind::NotLinear(what), at)
    }

    /// The code point of an escape whose first character after the backslash, `first`, was read.
    /// `start` is the place of the backslash.
    ///
    /// Beyond the syntax characters any character that is neither letter nor digit may be escaped,
    /// as without the flag u: real schemas do so.
    pub fn escape(&mut self, first: char, start: usize) -> Result<CodePoint, Fault> {
        Ok(match first {
            'f' => 0x0C,
            'n' => 0x0A,
            'r' => 0x0D,
            't' => 0x09,
            'v' => 0x0B,
            '0' => {
                if self.peek().is_some_and(|c| c.is_ascii_digit()) {
                    return Err(self.syntax("an octal escape; use \\xHH", start));
                }
                0
            }
            'c' => match self.next() {
                Some(letter) if letter.is_ascii_alphabetic() => letter as u32 % 32,
                _ => return Err(self.syntax("\\c without a letter", start)),
            },
            'x' => match self.hex(2) {
                Some(value) => value,
                None => return Err(self.syntax("\\x without two hex digits", start)),
            },
            'u' => match self.unicode() {
                Some(value) => value,
                None => {
                    let what = "\\u without four hex digits or a code point in braces";
                    return Err(self.syntax(what, start));
                }
            },
            other if !other.is_alphanumeric() => other as u32,
            _ => return Err(self.syntax("an unknown escape", start)),
        })
    }

    /// The value of exactly `digits` hex digits.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits)?;
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits;
        u32::from_str_radix(text, 16).ok()
    }

    /// The code point after `\u`. The two halves of a surrogate pair are one.
    pub fn unicode(&mut self) -> Option<CodePoint> {
        if self.eat("{") {
            let digits = self.take(|c| c.is_ascii_hexdigit());
            let value = u32::from_str_radix(digits.trim_start_matches('0'), 16);
            let value = match value {
                Ok(value) => value,
                Err(_) if !digits.is_empty() && digits.bytes().all(|digit| digit == b'0') => 0,
                Err(_) => return None,
            };
            return (value <= 0x10_FFFF && self.eat("}")).then_some(value);
        }
        let lead = self.hex(4)?;
        let after = self.at;
        if (0xD800..0xDC00).contains(&lead) && self.eat("\\u") {
            match self.hex(4) {
                Some(trail) if (0xDC00..0xE000).contains(&trail) => {
                    return Some(0x1_0000 + ((lead - 0xD800) << 10) + (trail - 0xDC00));
                }
                _ => self.at = after,
            }
        }
        Some(lead)
    }
}
