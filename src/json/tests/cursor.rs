//! The cursor moves as a search byte by byte does, and never leaves its text.

use crate::json::{Cursor, Padded, Predicted};
use proptest::prelude::*;

/// Runs `work` on the text, which has other bytes before it in its buffer.
fn padded<T>(text: &[u8], work: impl FnOnce(Padded<'_>) -> T) -> T {
    let mut buffer = b"before".to_vec();
    buffer.extend_from_slice(text);
    let result = Padded::within(&mut buffer, 6, work);
    assert_eq!(buffer, [b"before", text].concat());
    result
}

fn count(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| is(byte)).count()
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'x'), Just(b' '), Just(b'7'), Just(b'9'), any::<u8>()];
    prop::collection::vec(byte, 0..70)
}

proptest! {
    #[test]
    fn each_search_ends_where_a_search_byte_by_byte_ends(text in texts()) {
        padded(&text, |padded| {
            let mut cursor = padded.start();
            // Not beyond a NUL, at which a cursor stays.
            for at in 0..=count(&text, |byte| byte != 0) {
                let rest = &text[at..];
                assert_eq!(padded.offset(cursor), at);
                assert_eq!(padded.is_end(cursor), rest.is_empty());
                assert_eq!(cursor.byte(), rest.first().copied().unwrap_or(0));
                let plain = count(rest, |byte| byte >= b' ' && byte != b'"' && byte != b'\\');
                assert_eq!(cursor.special().bytes_from(cursor), plain);
                let digits = count(rest, |byte| byte.is_ascii_digit());
                assert_eq!(cursor.digits_end().bytes_from(cursor), digits);
                let (values, few, behind) = cursor.eight_digits();
                assert_eq!(few as usize, digits.min(8));
                assert_eq!(behind.bytes_from(cursor), digits.min(8));
                for (n, &digit) in rest[..digits.min(8)].iter().enumerate() {
                    assert_eq!((values >> (8 * n)) as u8, digit - b'0');
                }
                let space = count(rest, |byte| b" \n\r\t".contains(&byte));
                assert_eq!(cursor.space_end().bytes_from(cursor), space);
                if cursor.byte() != 0 {
                    cursor = cursor.step();
                }
            }
        });
    }

    #[test]
    fn bytes_are_eaten_where_they_are_and_nowhere_else(
        text in texts(),
        word in prop::collection::vec(prop_oneof![Just(b'x'), any::<u8>()], 0..18),
    ) {
        let predicted = Predicted::new(&word);
        prop_assert_eq!(
            predicted.is_some(),
            (1..=16).contains(&word.len()) && !word.contains(&0)
        );
        padded(&text, |padded| {
            let start = padded.start();
            let moved = |by: Option<Cursor<'_>>| by.map(|to| to.bytes_from(start));
            if let Some(predicted) = predicted {
                let expected = text.starts_with(&word).then_some(word.len());
                assert_eq!(moved(start.eat_predicted(&predicted)), expected);
            }
            assert_eq!(start.eat_predicted(&Predicted::NOWHERE), None);
            if let Some(&four) = word.first_chunk::<4>() {
                let expected = (text.starts_with(&four) && !four.contains(&0)).then_some(4);
                assert_eq!(moved(start.eat_all(&four)), expected);
            }
            let first = word.first().copied().unwrap_or(0);
            let expected = (first != 0 && text.first() == Some(&first)).then_some(1);
            assert_eq!(moved(start.eat(first)), expected);
        });
    }
}

#[test]
fn no_move_leaves_a_text_that_ends_with_the_buffer() {
    for length in 0..40 {
        for byte in [b'x', b'7', b' ', 0xFF] {
            let text = vec![byte; length];
            padded(&text, |padded| {
                let start = padded.start();
                for end in [start.special(), start.digits_end(), start.space_end()] {
                    assert!(end.bytes_from(start) <= length);
                }
            });
        }
    }
}
