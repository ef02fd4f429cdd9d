//! JSON text as other stores have written it, in the strict form that the module takes.
//!
//! Only the structure is read here, so that three things can be as the writing library means them, which
//! serde_json decides otherwise: of members with the same name the last counts, half a surrogate pair becomes
//! U+FFFD, and no name of a member has a meaning of its own (serde_json takes an object whose only member is
//! `$serde_json::private::Number` for a number). Strings and numbers are read by serde_json, numbers with all
//! their digits (it writes the exponent of `1e400` as `e+400`).

use super::format::Refused;
use serde_json::{Map, Number, Value};

/// The levels of nesting that the module allows.
pub const DEEPEST: usize = 128;

/// Why data that a library could write has no place in a session of the module.
pub const TOO_DEEP: Refused = Refused::Unstorable("nested deeper than 128 levels");
pub const NOT_FINITE: Refused =
    Refused::Unstorable("NaN or an infinite number, which JSON does not have");
pub const NOT_UTF8: Refused = Refused::Unstorable("text that is not UTF-8");

const NOT_JSON: Refused = Refused::NotASession("no JSON");

/// The value of a JSON text.
///
/// # Errors
///
/// `NotASession` if it is no JSON; `Unstorable` for what the module does not take.
pub fn parse(text: &[u8]) -> Result<Value, Refused> {
    nested(text, 0)
}

/// The same for a text whose value goes into other data, below so many levels.
///
/// # Errors
///
/// As `parse`.
pub fn nested(text: &[u8], levels: usize) -> Result<Value, Refused> {
    let text = std::str::from_utf8(text).map_err(|_| {
        // Bytes of another format are seldom UTF-8, and are then not JSON at all.
        match text.trim_ascii_start().first() {
            Some(b'{' | b'[' | b'"') => NOT_UTF8,
            _ => NOT_JSON,
        }
    })?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(levels)?;
    reader.space();
    if reader.at == text.len() {
        Ok(value)
    } else {
        Err(NOT_JSON)
    }
}

/// The members of a JSON text of an object.
///
/// # Errors
///
/// As `parse`; `NotASession` also for any other value.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, Refused> {
    match parse(text)? {
        Value::Object(members) => Ok(members),
        _ => Err(Refused::NotASession("JSON, but no object")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().take_while(|byte| blank(byte)).count();
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the next byte, if it is this.
    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// `depth`: the arrays and objects around it.
    fn value(&mut self, depth: usize) -> Result<Value, Refused> {
        match self.peek().ok_or(NOT_JSON)? {
            b'{' | b'[' if depth == DEEPEST => Err(TOO_DEEP),
            b'{' => self.members(depth + 1),
            b'[' => self.items(depth + 1),
            b'"' => Ok(Value::String(self.string()?)),
            b't' if self.word("true") => Ok(Value::Bool(true)),
            b'f' if self.word("false") => Ok(Value::Bool(false)),
            b'n' if self.word("null") => Ok(Value::Null),
            b'N' if self.word("NaN") => Err(NOT_FINITE),
            b'I' | b'-' if self.word("Infinity") || self.word("-Infinity") => Err(NOT_FINITE),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(NOT_JSON),
        }
    }

    fn members(&mut self, depth: usize) -> Result<Value, Refused> {
        let mut members = Map::new();
        self.at += 1;
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(NOT_JSON);
            }
            let name = self.string()?;
            if !self.take(b':') {
                return Err(NOT_JSON);
            }
            let value = self.value(depth)?;
            members.insert(name, value);
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(NOT_JSON);
            }
        }
    }

    fn items(&mut self, depth: usize) -> Result<Value, Refused> {
        let mut items = Vec::new();
        self.at += 1;
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(NOT_JSON);
            }
        }
    }

    fn number(&mut self) -> Result<Value, Refused> {
        let rest = &self.text[self.at..];
        let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().take_while(part).count();
        self.at += length;
        let number: Number = rest[..length].parse().map_err(|_| NOT_JSON)?;
        Ok(Value::Number(number))
    }

    fn string(&mut self) -> Result<String, Refused> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        let mut escapes = false;
        self.at += 1;
        loop {
            match bytes.get(self.at).ok_or(NOT_JSON)? {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    self.at += 2;
                }
                0..=0x1f => return Err(NOT_JSON),
                _ => self.at += 1,
            }
        }
        let inner = &self.text[begin + 1..self.at];
        self.at += 1;
        if !escapes {
            return Ok(inner.to_owned());
        }
        let paired = paired(inner);
        serde_json::from_str(&format!("\"{paired}\"")).map_err(|_| NOT_JSON)
    }
}

/// The inside of a JSON string, with U+FFFD in the place of each half of a surrogate pair, as a text has it that
/// is sent as UTF-8.
fn paired(inner: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(inner.len()), inner);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            // The character behind the backslash, whatever it is, so that `\\u` is no escape of a unit.
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit of an escape `\uXXXX` at the beginning of the text.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;
