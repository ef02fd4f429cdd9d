//! Excerpts of foreign text for error messages: one line of printable ASCII, bounded in length.
//!
//! Unlike [`crate::error::printable`], which quotes bytes that the caller sent itself, this escapes
//! as JSON does and keeps both ends of a long text.

use std::fmt::Write;

/// At most `max` bytes of `text`, with everything but printable ASCII escaped as `\uXXXX`. `max` is
/// at least 16.
///
/// A text that is too long keeps its beginning and its end, with `...` between them: the two ends
/// of a pointer say most about it.
pub(super) fn excerpt(text: &str, max: usize) -> String {
    let whole = escaped(text.chars(), max + 1, false);
    if whole.len() <= max {
        return whole;
    }
    let half = (max - 3) / 2;
    let head = escaped(text.chars(), half, false);
    let tail = escaped(text.chars().rev(), half, true);
    format!("{head}...{tail}")
}

/// Escapes `characters` until the next one would not fit into `room` bytes. It reads no further, so
/// the cost does not grow with the length of the text. `reversed` puts the result in reverse order.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_unchanged() {
        assert_eq!(excerpt("/user/name", 40), "/user/name");
    }

    #[test]
    fn everything_but_printable_ascii_is_escaped() {
        assert_eq!(
            excerpt("a\r\n\u{e9}\u{1f600}", 80),
            "a\\u000d\\u000a\\u00e9\\ud83d\\ude00"
        );
    }

    #[test]
    fn a_long_text_is_cut_in_the_middle() {
        let long = format!("/start{}end", "x".repeat(1000));
        let cut = excerpt(&long, 40);
        assert!(cut.len() <= 40, "{cut}");
        assert!(cut.starts_with("/start") && cut.ends_with("end"), "{cut}");
        assert!(cut.contains("..."), "{cut}");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_always_printable_and_bounded(text in any::<String>(), max in 16usize..200) {
            let shown = excerpt(&text, max);
            prop_assert!(shown.len() <= max);
            prop_assert!(shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
