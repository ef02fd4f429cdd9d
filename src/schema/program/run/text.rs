//! Strings: passing them, and what a rule says of them.
//!
//! [`plain`] and [`word`] are short enough to be inlined where values are read. They know only strings
//! without escapes, and say yes or nothing. [`judge`] knows all.

use super::super::automaton::Automaton;
use super::super::rule::Text;
use super::answer::Answer;
use crate::json::{short_key, Cursor, Padded};

/// A short list is searched from the beginning.
const SHORT: usize = 16;

/// The cursor behind a string of `min` to `max` characters. `widest` is the logarithm of the number of bytes
/// that a character can have.
#[inline(always)]
pub fn plain(at: Cursor<'_>, min: u32, max: u32, widest: u32) -> Option<Cursor<'_>> {
    let start = at.eat(b'"')?;
    let end = start.special();
    let bytes = end.bytes_from(start) as u64;
    if bytes < u64::from(min) << widest || bytes > u64::from(max) {
        return None;
    }
    end.eat(b'"')
}

/// The cursor behind a string that is one of `words`.
#[inline(always)]
pub fn word<'t>(at: Cursor<'t>, words: &[u64]) -> Option<Cursor<'t>> {
    let start = at.eat(b'"')?;
    let end = start.special();
    let length = end.bytes_from(start);
    if length > 8 {
        return None;
    }
    // Of up to eight bytes the key is the word.
    let word = short_key(start.chunk(), length);
    let is_known = if words.len() <= SHORT {
        words.contains(&word)
    } else {
        words.binary_search(&word).is_ok()
    };
    if is_known {
        end.eat(b'"')
    } else {
        None
    }
}

/// A string that was passed. It is as JSON has it.
pub struct Passed<'t> {
    /// The beginning of its text, behind the quote.
    pub start: Cursor<'t>,
    /// The quote at its end.
    pub end: Cursor<'t>,
    /// How many more characters it has as it is written than as it is meant. None without escapes.
    surplus: Option<usize>,
}

impl<'t> Passed<'t> {
    /// Passes the string that begins at the cursor.
    pub fn at(at: Cursor<'t>) -> Option<Self> {
        let start = at.eat(b'"')?;
        let end = start.special();
        if end.byte() == b'"' {
            return Some(Self {
                start,
                end,
                surplus: None,
            });
        }
        let (end, surplus) = escaped_end(end)?;
        Some(Self {
            start,
            end,
            surplus: Some(surplus),
        })
    }

    /// The string without escapes between two quotes, from behind the first to the second.
    pub fn plain(start: Cursor<'t>, end: Cursor<'t>) -> Self {
        Self {
            start,
            end,
            surplus: None,
        }
    }

    /// The cursor behind it.
    pub fn behind(&self) -> Cursor<'t> {
        self.end.step()
    }

    /// Whether it has escapes.
    pub fn has_escapes(&self) -> bool {
        self.surplus.is_some()
    }

    /// Its text, if it is the same as it is written.
    fn text(&self, padded: Padded<'t>) -> Option<&'t [u8]> {
        match self.surplus {
            None => Some(self.written(padded)),
            Some(_) => None,
        }
    }

    /// Its text as it is written.
    pub fn written(&self, padded: Padded<'t>) -> &'t [u8] {
        &padded.text()[padded.offset(self.start)..padded.offset(self.end)]
    }

    /// Whether it has `min` to `max` characters.
    pub fn has_length(&self, padded: Padded<'t>, min: u32, max: u32) -> bool {
        let fits = |length| u64::from(min) <= length && length <= u64::from(max);
        let bytes = self.end.bytes_from(self.start) as u64;
        if self.surplus.is_none() && fits(bytes) && fits(bytes.div_ceil(4)) {
            return true;
        }
        // Every byte except UTF-8's continuation bytes begins a character.
        let written = self.written(padded).iter();
        let characters = written.filter(|&&byte| byte & 0xC0 != 0x80).count();
        fits((characters - self.surplus.unwrap_or(0)) as u64)
    }
}

/// The closing quote of a string that goes on at its first backslash, and how many more characters its
/// escapes have than what they stand for. None if it is not JSON.
#[cold]
fn escaped_end(mut at: Cursor<'_>) -> Option<(Cursor<'_>, usize)> {
    let mut surplus = 0;
    while at.byte() != b'"' {
        let escape = at.eat(b'\\')?;
        at = match escape.byte() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                surplus += 1;
                escape.step()
            }
            b'u' => {
                surplus += 5;
                match four_hex_digits(escape.step())? {
                    (0xDC00..=0xDFFF, _) => return None,
                    (0xD800..=0xDBFF, behind) => {
                        surplus += 6;
                        let second = behind.eat_all(b"\\u")?;
                        match four_hex_digits(second)? {
                            (0xDC00..=0xDFFF, behind) => behind,
                            _ => return None,
                        }
                    }
                    (_, behind) => behind,
                }
            }
            _ => return None,
        };
        at = at.special();
    }
    Some((at, surplus))
}

fn four_hex_digits(mut at: Cursor<'_>) -> Option<(u32, Cursor<'_>)> {
    let mut code = 0;
    for _ in 0..4 {
        code = code << 4 | char::from(at.byte()).to_digit(16)?;
        at = at.step();
    }
    Some((code, at))
}

/// What a rule says of a string.
pub fn judge(
    passed: &Passed<'_>,
    rule: &Text,
    automata: &[Automaton],
    padded: Padded<'_>,
) -> Answer {
    if !passed.has_length(padded, rule.min, rule.max) {
        return Answer::No;
    }
    let answer = match passed.text(padded) {
        Some(text) => of_text(text, rule, automata),
        None if rule.one_of.is_none() && rule.patterns.is_empty() && rule.formats.is_empty() => {
            Answer::Yes(())
        }
        None => Answer::NotSure,
    };
    match answer {
        Answer::Yes(()) if rule.is_unsure => Answer::NotSure,
        answer => answer,
    }
}

/// What a rule, apart from the length, says of the text of a string.
fn of_text(text: &[u8], rule: &Text, automata: &[Automaton]) -> Answer {
    if let Some(texts) = &rule.one_of {
        let is_known = if texts.len() <= SHORT {
            texts.iter().any(|known| **known == *text)
        } else {
            texts.binary_search_by(|known| (**known).cmp(text)).is_ok()
        };
        if !is_known {
            return Answer::No;
        }
    }
    for &pattern in &rule.patterns {
        match automata.get(pattern as usize) {
            Some(automaton) if automaton.matches(text) => {}
            Some(_) => return Answer::No,
            None => return Answer::NotSure,
        }
    }
    if rule.formats.is_empty() {
        return Answer::Yes(());
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return Answer::NotSure;
    };
    let value = serde_json::Value::from(text);
    Answer::of(rule.formats.iter().all(|format| format.is_valid(&value)))
}
