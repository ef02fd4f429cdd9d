//! Text of foreign origin in one line of printable ASCII.

use std::fmt::Write;

/// `text` with everything but printable ASCII escaped as `\uXXXX`, at most `max` bytes long.
///
/// A text that is too long keeps its beginning and its end, since a pointer says most there, with
/// `...` between. `max` is in bytes and at least 16.
pub(super) fn printable(text: &str, max: usize) -> String {
    let whole = escaped(text.chars(), max + 1, false);
    if whole.len() <= max {
        return whole;
    }
    let half = (max - 3) / 2;
    let head = escaped(text.chars(), half, false);
    let tail = escaped(text.chars().rev(), half, true);
    format!("{head}...{tail}")
}

/// Escapes `characters` until the next one would not fit into `room` bytes. Reads no further than
/// that, so the cost does not grow with a long text.
fn escaped(characters: impl Iterator<Item = char>, room: usize, reversed: bool) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut used = 0;
    for character in characters {
        let mut piece = String::new();
        if character == ' ' || character.is_ascii_graphic() {
            piece.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(piece, "\\u{unit:04x}");
            }
        }
        used += piece.len();
        if used > room {
            break;
        }
        pieces.push(piece);
    }
    if reversed {
        pieces.reverse();
    }
    pieces.concat()
}

/// Appends `token` to `pointer` as RFC 6901 writes it.
pub(super) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leaves_plain_text_alone() {
        assert_eq!(printable("/user/name", 40), "/user/name");
    }

    #[test]
    fn escapes_what_does_not_print() {
        assert_eq!(
            printable("a\r\n\u{e9}\u{1f600}", 80),
            "a\\u000d\\u000a\\u00e9\\ud83d\\ude00"
        );
    }

    #[test]
    fn cuts_in_the_middle() {
        let long = format!("/start{}end", "x".repeat(1000));
        let cut = printable(&long, 40);
        assert!(cut.len() <= 40, "{cut}");
        assert!(cut.starts_with("/start") && cut.ends_with("end"), "{cut}");
        assert!(cut.contains("..."), "{cut}");
    }

    #[test]
    fn tokens_are_escaped_as_in_rfc_6901() {
        let mut pointer = String::new();
        push_token(&mut pointer, "a/b~c");
        assert_eq!(pointer, "/a~1b~0c");
    }

    proptest! {
        #[test]
        fn is_always_printable_and_bounded(text in any::<String>(), max in 16usize..200) {
            let shown = printable(&text, max);
            prop_assert!(shown.len() <= max);
            prop_assert!(shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
