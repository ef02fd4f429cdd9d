//! Percent-encoding of URI references (RFC 3986, section 2.1).
//!
//! Schema generators write references such as `#/definitions/Page<User>` as they are. A URI has to
//! have some of these characters encoded, and the crates that read schemas insist on it.

use std::borrow::Cow;

/// The reference with everything encoded that a URI reference must not hold as it is: spaces,
/// `"<>\^{|}` and the backtick, all beyond ASCII (as RFC 3987 maps an IRI to a URI), a `%` that begins
/// no escape, a second `#`, and brackets outside the authority. `None` if there is nothing to encode.
///
/// What is encoded already stays.
pub(super) fn encoded(reference: &str) -> Option<String> {
    let bytes = reference.as_bytes();
    let authority = authority(reference);
    let mut text = String::new();
    let mut changed = false;
    let mut in_fragment = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let keep = match byte {
            b'%' => is_escape(&bytes[at..]),
            b'#' => !std::mem::replace(&mut in_fragment, true),
            b'[' | b']' => authority.contains(&at),
            b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            byte => byte.is_ascii_graphic(),
        };
        if keep {
            text.push(char::from(byte));
        } else {
            changed = true;
            push_encoded(&mut text, byte);
        }
    }
    changed.then_some(text)
}

/// The text with its escapes decoded; as it is if that would not be UTF-8.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if is_escape(&bytes[at..]) {
            decoded.push(hex(bytes[at + 1]) << 4 | hex(bytes[at + 2]));
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// A JSON pointer as a URI fragment, with its `#` (RFC 6901, section 6).
pub(super) fn fragment(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len() + 1);
    text.push('#');
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/$".contains(&byte) {
            text.push(char::from(byte));
        } else {
            push_encoded(&mut text, byte);
        }
    }
    text
}

fn push_encoded(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Whether the bytes begin with `%` and two hex digits.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The value of a hex digit.
fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).unwrap_or(0) as u8
}

/// The place of the authority (`//host:port`) in a reference; empty if it has none.
fn authority(reference: &str) -> std::ops::Range<usize> {
    let before = reference.find(['/', '?', '#']).unwrap_or(reference.len());
    let after_slashes = &reference[before..];
    let has_scheme_or_nothing = before == 0 || reference[..before].ends_with(':');
    if !has_scheme_or_nothing || !after_slashes.starts_with("//") {
        return 0..0;
    }
    let start = before + 2;
    let length = reference[start..]
        .find(['/', '?', '#'])
        .unwrap_or(reference.len() - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exactly_what_a_uri_must_not_hold_is_encoded() {
        for (reference, expected) in [
            ("#/definitions/A<B>", "#/definitions/A%3CB%3E"),
            (
                "#/$defs/a b|c^{d}`\"\\",
                "#/$defs/a%20b%7Cc%5E%7Bd%7D%60%22%5C",
            ),
            ("#/$defs/Gr\u{f6}\u{df}e", "#/$defs/Gr%C3%B6%C3%9Fe"),
            ("#/$defs/100%", "#/$defs/100%25"),
            ("#/$defs/%3C<%3", "#/$defs/%3C%3C%253"),
            ("#/$defs/a#b", "#/$defs/a%23b"),
            ("#/$defs/A[]", "#/$defs/A%5B%5D"),
            (
                "http://[::1]:80/a[0]?b[]",
                "http://[::1]:80/a%5B0%5D?b%5B%5D",
            ),
            ("//[::1]/<", "//[::1]/%3C"),
            ("a//[b]", "a//%5Bb%5D"),
            ("\u{7f}\n", "%7F%0A"),
        ] {
            assert_eq!(encoded(reference).as_deref(), Some(expected));
        }
        for reference in ["", "#", "#/a/b~1c", "a?b=c&d#e!$'()*+,;=:@", "urn:a:%C3%B6"] {
            assert_eq!(encoded(reference), None, "{reference}");
        }
    }

    #[test]
    fn escapes_are_decoded_unless_they_are_no_utf_8() {
        assert_eq!(decoded("A%3cB%3E%"), "A<B>%");
        assert_eq!(decoded("%C3%B6"), "\u{f6}");
        assert_eq!(decoded("%FF<"), "%FF<");
    }

    proptest! {
        #[test]
        fn encoding_again_changes_nothing(text in any::<String>()) {
            let once = encoded(&text).unwrap_or(text);
            prop_assert_eq!(encoded(&once), None);
        }

        #[test]
        fn a_fragment_decodes_to_its_pointer(pointer in any::<String>()) {
            let fragment = fragment(&pointer);
            prop_assert_eq!(encoded(&fragment), None);
            let decoded = decoded(&fragment[1..]);
            prop_assert_eq!(decoded, pointer);
        }
    }
}
