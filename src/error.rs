//! Every error that a command can reply with, made in one place.
//!
//! An error is one line of printable ASCII: a code, the fault, and a remedy if there is one. It never
//! contains session data, tokens, or IDs that the caller did not send.

use std::fmt::{self, Write as _};

/// An error reply: the line with the code in front, without the `-` of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

/// The result of a command, or of a part of one.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `ERR` with a text of this module.
    pub fn err(text: impl fmt::Display) -> Self {
        Self::coded("ERR", text)
    }

    /// Redis's own syntax error.
    pub fn syntax() -> Self {
        Self::coded("ERR", "syntax error")
    }

    /// A syntax error with the reason, such as options that exclude each other.
    pub fn contradiction(why: &str) -> Self {
        Self::coded("ERR", format_args!("syntax error: {why}"))
    }

    /// Redis's own text for an argument that is not an integer, or out of range.
    pub fn not_an_integer() -> Self {
        Self::coded("ERR", "value is not an integer or out of range")
    }

    /// Redis's own text (of HEXPIRE) for a count of fields that is not a number above 0.
    pub fn no_field_count() -> Self {
        Self::coded("ERR", "Parameter `numFields` should be greater than 0")
    }

    /// Redis's own text (of HEXPIRE) for a count of fields that is not how many are named.
    pub fn wrong_field_count() -> Self {
        Self::coded(
            "ERR",
            "The `numfields` parameter must match the number of arguments",
        )
    }

    /// Redis's own text for an expiry that is negative, zero, in the past, or out of range.
    pub fn invalid_expire(command: &str) -> Self {
        Self::coded(
            "ERR",
            format_args!("invalid expire time in '{command}' command"),
        )
    }

    /// Redis's own text for a key of another type.
    pub fn wrong_type() -> Self {
        Self::coded(
            "WRONGTYPE",
            "Operation against a key holding the wrong kind of value",
        )
    }

    /// `NOPERM`: the session was rotated to a key that the ACL does not let the caller access.
    pub fn no_permission() -> Self {
        Self::coded(
            "NOPERM",
            "No permissions to access a key: the session was rotated to one outside your patterns",
        )
    }

    /// `NOPERM`: the server does not say which user makes the call, so the ACL cannot be asked.
    pub fn no_user() -> Self {
        Self::coded(
            "NOPERM",
            "the server does not tell whose call this is, so it is let at no key that it did not \
             name; call it as a client",
        )
    }

    /// Redis's own `TRYAGAIN`: a slot is being migrated, and one of its keys has moved to another
    /// node.
    pub fn try_again() -> Self {
        Self::coded("TRYAGAIN", "Multiple keys request during rehashing of slot")
    }

    /// `NOSESSION`: a write found no live session. `advice` is appended to the text.
    pub fn no_session(advice: &str) -> Self {
        Self::coded(
            "NOSESSION",
            format_args!("there is no live session at this key{advice}"),
        )
    }

    /// `BADJSON`: `what`, an argument or stored data, is not strict JSON.
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

    /// `BADSCHEMA`: a schema is not valid, needs something that is not allowed, or exceeds a limit.
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

    /// `CONFLICT`: the present state differs from the state that the caller expects.
    pub fn conflict(text: impl fmt::Display) -> Self {
        Self::coded("CONFLICT", text)
    }

    /// `OTHERUSER`: ROTATE names a user, and the session belongs to another.
    pub fn other_user() -> Self {
        Self::coded(
            "OTHERUSER",
            "the session has another user; end it, and make a new one, so that nobody inherits data",
        )
    }

    /// `TOOMANY`: MAXSESSIONS with REFUSE, and the user has as many live sessions as it allows.
    pub fn too_many(max: usize) -> Self {
        Self::coded(
            "TOOMANY",
            format_args!(
                "the user has {max} live sessions or more, and MAXSESSIONS allows {max}; end one \
                 first, or leave REFUSE out to end the least recently accessed"
            ),
        )
    }

    /// `STALE`: the user's last authentication is older than FRESH allows, or there was none.
    pub fn stale(text: impl fmt::Display) -> Self {
        Self::coded("STALE", text)
    }

    /// Whether the arguments were right, and only the state of the server refuses the command. An
    /// error with any other code can mean that data was sent in the place of another argument.
    pub fn is_of_state(&self) -> bool {
        let code = self.0.split(' ').next().unwrap_or_default();
        STATE_CODES.contains(&code)
    }

    /// The whole line: code, space, text.
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

/// The codes of errors that come only after all arguments have been parsed, and that do not blame one
/// of them. A code that is not listed here costs readers of SLOWLOG some words, and nobody a secret.
const STATE_CODES: [&str; 9] = [
    "CONFLICT",
    "INVALID",
    "NOPERM",
    "NOSESSION",
    "OTHERUSER",
    "STALE",
    "TOOMANY",
    "TRYAGAIN",
    "WRONGTYPE",
];

/// Escapes all but printable ASCII, so that no part of an error can end its line early.
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

/// The most bytes of a caller's argument that an error repeats.
const QUOTED: usize = 64;

/// A caller's bytes for use in an error: the first 64, with all but printable ASCII escaped as `\n`
/// or `\xNN`, and `...` after them if there are more.
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
    fn an_error_that_blames_an_argument_is_not_of_the_state() {
        let of_state = [
            Error::conflict("it has changed"),
            Error::no_session(""),
            Error::no_user(),
            Error::wrong_type(),
        ];
        assert!(of_state.iter().all(Error::is_of_state));
        let of_arguments = [
            Error::syntax(),
            Error::not_an_integer(),
            Error::bad_json("data", "no JSON"),
            Error::bad_schema("no JSON"),
            Error::no_schema("s"),
        ];
        assert!(!of_arguments.iter().any(Error::is_of_state));
    }

    #[test]
    fn errors_of_redis_have_its_own_texts() {
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
