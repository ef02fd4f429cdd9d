//! Every error that a command can reply with, made in one place.
//!
//! An error line is printable ASCII: a code, what was wrong, then what to do about it where that
//! helps. It never holds session data, tokens, or IDs that the caller did not send.

use std::fmt::{self, Write as _};

/// An error reply: its text with the code in front, without the leading `-` of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

/// What a command, or a part of one, comes to.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `ERR` with a text of ours.
    pub fn err(text: impl fmt::Display) -> Self {
        Self::coded("ERR", text)
    }

    /// Core's plain syntax error.
    pub fn syntax() -> Self {
        Self::coded("ERR", "syntax error")
    }

    /// A syntax error that says which options do not go together.
    pub fn contradiction(why: &str) -> Self {
        Self::coded("ERR", format_args!("syntax error: {why}"))
    }

    /// Core's text for an argument that is no integer, or none that fits.
    pub fn not_an_integer() -> Self {
        Self::coded("ERR", "value is not an integer or out of range")
    }

    /// Core's text for an expiry that is negative, zero, past, or does not fit.
    pub fn invalid_expire(command: &str) -> Self {
        Self::coded(
            "ERR",
            format_args!("invalid expire time in '{command}' command"),
        )
    }

    /// Core's text for a key of another type.
    pub fn wrong_type() -> Self {
        Self::coded(
            "WRONGTYPE",
            "Operation against a key holding the wrong kind of value",
        )
    }

    /// Core's text for a key that the ACL keeps from the caller.
    pub fn no_permission() -> Self {
        Self::coded(
            "NOPERM",
            "No permissions to access a key: the session was rotated to one outside your patterns",
        )
    }

    /// `NOPERM` where nobody can be asked what the caller may do.
    pub fn no_user() -> Self {
        Self::coded(
            "NOPERM",
            "the server does not tell whose call this is, so it is let at no key that it did not \
             name; call it as a client",
        )
    }

    /// Core's `TRYAGAIN`, for keys of a slot of which one has been moved to another node already.
    pub fn try_again() -> Self {
        Self::coded("TRYAGAIN", "Multiple keys request during rehashing of slot")
    }

    /// `NOSESSION`: a write to a session that is not live.
    pub fn no_session(advice: &str) -> Self {
        Self::coded(
            "NOSESSION",
            format_args!("there is no live session at this key{advice}"),
        )
    }

    /// `BADJSON`: an argument that is not strict JSON.
    pub fn bad_json(what: &str, reason: impl fmt::Display) -> Self {
        Self::coded("BADJSON", format_args!("{what}: {reason}"))
    }

    /// `INVALID`: the data does not satisfy the named schema.
    pub fn invalid(schema: &str, violations: impl fmt::Display) -> Self {
        Self::coded(
            "INVALID",
            format_args!("schema '{}': {violations}", printable(schema.as_bytes())),
        )
    }

    /// `BADSCHEMA`: a schema that is not one, or needs what is not allowed.
    pub fn bad_schema(reason: impl fmt::Display) -> Self {
        Self::coded("BADSCHEMA", reason)
    }

    /// `NOSCHEMA`: no schema of that name is in the registry.
    pub fn no_schema(name: &str) -> Self {
        Self::coded(
            "NOSCHEMA",
            format_args!(
                "there is no schema '{}'; register it with SESSION.SCHEMA SET",
                printable(name.as_bytes())
            ),
        )
    }

    /// `CONFLICT`: the state is not the one that the caller expected.
    pub fn conflict(text: impl fmt::Display) -> Self {
        Self::coded("CONFLICT", text)
    }

    /// `STALE`: the user authenticated longer ago than FRESH allows, or never.
    pub fn stale(text: impl fmt::Display) -> Self {
        Self::coded("STALE", text)
    }

    /// The whole line: the code, a space, the text.
    pub fn line(&self) -> &str {
        &self.0
    }

    fn coded(code: &str, text: impl fmt::Display) -> Self {
        let mut line = format!("{code} ");
        // Writing to a String cannot fail.
        let _ = write!(Ascii(&mut line), "{text}");
        Self(line)
    }
}

/// Escapes what is not printable ASCII, so that nothing in an error can end its line early.
struct Ascii<'a>(&'a mut String);

impl fmt::Write for Ascii<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                ' '..='~' => self.0.push(c),
                c => self.0.extend(c.escape_default()),
            }
        }
        Ok(())
    }
}

/// The longest piece of a caller's argument that an error repeats, in bytes.
const QUOTED: usize = 64;

/// A caller's bytes as they may stand in an error: printable ASCII, the rest as `\xNN`, cut short.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = bytes[..bytes.len().min(QUOTED)]
        .escape_ascii()
        .to_string()
        .replace("\\'", "'")
        .replace("\\\"", "\"");
    if bytes.len() > QUOTED {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_of_printable_ascii() {
        let error = Error::err("a\r\nb\u{e9}\0c");
        assert_eq!(error.line(), "ERR a\\r\\nb\\u{e9}\\u{0}c");
    }

    #[test]
    fn a_quoted_name_is_escaped_and_cut() {
        assert_eq!(printable(b"it's \"x\"\n\xff"), "it's \"x\"\\n\\xff");
        assert_eq!(printable(&[b'a'; 100]), format!("{}...", "a".repeat(64)));
    }

    #[test]
    fn core_errors_have_the_texts_of_core() {
        assert_eq!(
            Error::invalid_expire("session.set").line(),
            "ERR invalid expire time in 'session.set' command"
        );
        assert_eq!(
            Error::wrong_type().line(),
            "WRONGTYPE Operation against a key holding the wrong kind of value"
        );
        assert_eq!(Error::syntax().line(), "ERR syntax error");
    }
}
