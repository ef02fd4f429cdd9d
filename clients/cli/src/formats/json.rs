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
mod tests {
    use super::{object, parse, NOT_FINITE, NOT_JSON, NOT_UTF8, TOO_DEEP};
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn same(text: &str) {
        assert_eq!(parse(text.as_bytes()).expect(text).to_string(), text);
    }

    #[test]
    fn numbers_keep_their_digits() {
        for number in [
            "0",
            "-0",
            "1.0",
            "1e+400",
            "-1.50",
            "123456789012345678901234567890",
            "0.1000000000000000055511151231257827",
            "1e-7",
            "5e-324",
        ] {
            same(number);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["01", "+1", "1.", ".5", "-", "1e", "1-2", "0x1", "1_0"] {
            assert_eq!(parse(text.as_bytes()), Err(NOT_JSON), "{text}");
        }
        for text in ["NaN", "Infinity", "-Infinity", "{\"a\":[NaN]}"] {
            assert_eq!(parse(text.as_bytes()), Err(NOT_FINITE), "{text}");
        }
    }

    #[test]
    fn names_have_no_meaning_of_their_own() {
        same(r#"{"$serde_json::private::Number":"x"}"#);
        same(r#"{"$serde_json::private::RawValue":"[1]"}"#);
        same(r#"{"__proto__":{"constructor":1},"":2,"\u0000":3}"#);
    }

    #[test]
    fn of_members_with_one_name_the_last_counts() {
        let found = parse(br#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
        assert_eq!(found.to_string(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        for (text, wanted) in [
            (r#""\ud83d\ude00""#, "\u{1f600}"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""a\ude00b""#, "a\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d\\""#, "\\\u{fffd}\\"),
        ] {
            assert_eq!(parse(text.as_bytes()), Ok(Value::from(wanted)), "{text}");
        }
    }

    #[test]
    fn the_depth_is_that_of_the_module() {
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(parse(&nested(128)).is_ok());
        assert_eq!(parse(&nested(129)), Err(TOO_DEEP));
        assert_eq!(parse(&vec![b'['; 1 << 20]), Err(TOO_DEEP));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{'a':1}",
            "nul",
            "\"\\x\"",
            "\"\n\"",
            "1 2",
            "[1}",
            "\u{feff}{}",
            "\"\\u12\"",
            "\"\\",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(NOT_JSON), "{text}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(NOT_UTF8));
        assert_eq!(parse(b"\x80\x04\x95"), Err(NOT_JSON));
        assert!(object(b"[]").is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn whatever_serde_json_reads_is_read_the_same(text in r#"[\[\]{},:"\\a0-9eE+\-. u]{0,24}"#) {
            if let Ok(theirs) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(parse(text.as_bytes()), Ok(theirs));
            } else if let Ok(ours) = parse(text.as_bytes()) {
                // They refuse half a surrogate pair.
                prop_assert!(ours.to_string().contains('\u{fffd}'), "{}", text);
            }
        }
    }
}
