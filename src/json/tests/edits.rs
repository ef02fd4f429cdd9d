//! Edits of a text: their encoded form, and texts that they do not fit.

use crate::json::{Edits, EncodedEdits};
use proptest::prelude::*;

fn encoded(edits: &Edits, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    edits.encode(len, &mut bytes);
    assert!(bytes.len() <= edits.max_encoded_len());
    bytes
}

#[test]
fn the_bytes_are_as_documented() {
    let edits = Edits::between(b"[1,2,3]", b"[1,20,3]");
    assert_eq!(encoded(&edits, 7), [7, 4, 0, 1, b'0']);
    let removed = Edits::between(b"[1,2,3]", b"[1,3]");
    assert_eq!(encoded(&removed, 7), [7, 3, 2, 0]);
    let none = Edits::between(b"[1]", b"[1]");
    assert!(none.is_empty() && none.max_encoded_len() >= 1);
    assert_eq!(encoded(&none, 3), [3]);
}

#[test]
fn edits_of_another_text_are_not_made() {
    for (bytes, text) in [
        (&[7, 4, 0, 1, b'0'][..], &b"[1,2,3,4]"[..]),
        (&[3, 4, 0, 1, b'0'], b"[1]"),
        (&[3, 1, 3, 0], b"[1]"),
        (&[3, 2, 1, 0, 1, 0, 0], b"[1]"),
    ] {
        let edits = EncodedEdits::decode(bytes).unwrap();
        assert!(!edits.apply(text, &mut Vec::new()), "{bytes:?}");
    }
    for bytes in [
        &[][..],
        &[3, 1],
        &[3, 1, 0],
        &[3, 1, 0, 2, b'x'],
        &[0xff; 11],
    ] {
        assert!(EncodedEdits::decode(bytes).is_none(), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn edits_come_back_and_make_the_new_text(
        old in proptest::collection::vec(0..4_u8, 0..40),
        new in proptest::collection::vec(0..4_u8, 0..40),
    ) {
        let edits = Edits::between(&old, &new);
        let (mut direct, mut read) = (Vec::new(), Vec::new());
        edits.apply(&old, &mut direct);
        prop_assert_eq!(&direct, &new);
        prop_assert_eq!(edits.is_empty(), old == new);
        let bytes = encoded(&edits, old.len());
        let edits = EncodedEdits::decode(&bytes).unwrap();
        prop_assert!(edits.apply(&old, &mut read));
        prop_assert_eq!(&read, &new);
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
        text in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        if let Some(edits) = EncodedEdits::decode(&bytes) {
            let _ = edits.apply(&text, &mut Vec::new());
        }
    }
}
