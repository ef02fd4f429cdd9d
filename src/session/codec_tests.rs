//! Tests of the saved form, and of the form in which new sessions are replicated.

use super::codec::*;
use super::fields::{SCHEMA, USER};
use super::record::{Session, MAX_VERSION};
use super::value::{Alias, Value};
use crate::leb128::{put_number, put_string};
use crate::session::samples::any_sample;
use crate::session::timeouts::Timeouts;
use proptest::prelude::*;

fn encoded(value: &Value<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes);
    bytes
}

proptest! {
    #[test]
    fn every_session_comes_back_as_it_was(sample in any_sample()) {
        let session = sample.value();
        let bytes = encoded(&session);
        let back = decode(&bytes).unwrap();
        prop_assert_eq!(format!("{session:?}"), format!("{back:?}"));
    }

    #[test]
    fn every_session_comes_back_from_its_fields_and_its_data(sample in any_sample()) {
        let mut fields = Vec::new();
        let value = sample.value();
        let Value::Session(session) = value else {
            let alias = encoded(&value);
            prop_assert!(decode_with_data(&alias, b"[]").is_err());
            return Ok(());
        };
        encode_without_data(&session, &mut fields);
        let back = decode_with_data(&fields, session.data).unwrap();
        prop_assert_eq!(format!("{:?}", Value::Session(session)), format!("{:?}", Value::Session(back)));
        prop_assert!(decode_with_data(&fields, b"\xff").is_err());
        for len in 0..fields.len() {
            prop_assert!(decode_with_data(&fields[..len], session.data).is_err());
        }
        if !session.data.is_empty() {
            prop_assert!(decode_with_data(&encoded(&value), session.data).is_err());
        }
    }

    #[test]
    fn every_shorter_and_longer_text_is_refused(sample in any_sample()) {
        let mut bytes = encoded(&sample.value());
        for len in 0..bytes.len() {
            prop_assert!(decode(&bytes[..len]).is_err());
        }
        bytes.push(0);
        prop_assert_eq!(decode(&bytes).unwrap_err(), Damage::TrailingBytes);
    }

    #[test]
    fn damage_is_refused_or_makes_a_whole_session(
        sample in any_sample(),
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encoded(&sample.value());
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(session) = decode(&bytes) {
            prop_assert!(decode(&encoded(&session)).is_ok());
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(&bytes);
    }
}

#[test]
fn the_bytes_of_a_session_are_as_documented() {
    let timeouts = Timeouts {
        deadline: Some(300),
        idle: None,
    };
    let session = Session::create(2, b"{}", timeouts, Some("s"), Some("u"));
    assert_eq!(
        encoded(&Value::Session(session)),
        [1, 0b11101, 1, 2, 2, 2, 2, 0xac, 2, 1, b's', 1, b'u', 2, b'{', b'}']
    );
}

#[test]
fn an_alias_has_its_own_bit_and_no_other() {
    let alias = Alias {
        successor: b"new",
        until: 300,
    };
    let bytes = encoded(&Value::Alias(alias));
    assert_eq!(bytes, [1, 0x80, 0xac, 2, 3, b'n', b'e', b'w']);
    assert_eq!(decode(&[1, 0x81, 1, 0]).unwrap_err(), Damage::BadNumber);
}

#[test]
fn a_newer_format_is_refused_by_number() {
    assert_eq!(decode(&[2, 0, 1]).unwrap_err(), Damage::UnknownFormat(2));
}

#[test]
fn a_length_beyond_the_end_reserves_nothing() {
    let mut bytes = vec![1, 0, 1, 0, 0, 0];
    put_number(u64::MAX, &mut bytes);
    assert_eq!(decode(&bytes).unwrap_err(), Damage::Truncated);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let zero_version = [1, 0, 0, 0, 0, 0, 0];
    assert_eq!(decode(&zero_version).unwrap_err(), Damage::BadNumber);
    let mut version_that_no_reply_can_hold = vec![1, 0];
    put_number(MAX_VERSION + 1, &mut version_that_no_reply_can_hold);
    version_that_no_reply_can_hold.extend([0, 0, 0, 0]);
    assert_eq!(
        decode(&version_that_no_reply_can_hold).unwrap_err(),
        Damage::BadNumber
    );
    let mut negative_time = vec![1, 0, 1];
    put_number(u64::MAX, &mut negative_time);
    assert_eq!(decode(&negative_time).unwrap_err(), Damage::BadNumber);
    let eleven_bytes = [&[1, 0][..], &[0xff; 11]].concat();
    assert_eq!(decode(&eleven_bytes).unwrap_err(), Damage::BadNumber);
    assert_eq!(decode(&[1, 0x20]).unwrap_err(), Damage::BadNumber);
}

#[test]
fn names_must_be_utf_8_and_not_too_long() {
    for (bit, longest) in [(SCHEMA, 255), (USER, 512)] {
        let with = |name: &[u8]| {
            let mut bytes = vec![1, bit, 1, 0, 0, 0];
            put_string(name, &mut bytes);
            put_string(b"{}", &mut bytes);
            decode(&bytes).map(|_| ()).err()
        };
        assert!(with(&vec![b'a'; longest]).is_none());
        for name in [&[][..], &[0xff], &vec![b'a'; longest + 1]] {
            assert!(matches!(with(name), Some(Damage::BadName)), "{longest}");
        }
    }
}
