//! The saved form of a [`Value`]: the bytes in RDB files, DUMP payloads and replicated writes.
//!
//! The first byte is the number of the format, 1; the rest is the saved form in `fields`.
//!
//! A session that is new under its key is replicated in another way: its data is the string that the
//! client sent, and needs no copy. What stands before the data is then in the form in memory
//! ([`decode_new`]).
//!
//! A decoder for each older format stays here for good, because an upgraded module must read the
//! files of its predecessors.

use super::fields::{self, Encoded, ALIAS, IN_MEMORY, KNOWN, SAVED, SCHEMA, USER};
use super::numbers::Numbers;
use super::record::{Session, MAX_VERSION};
use super::user_name;
use super::value::{Alias, Value};
use crate::leb128::Reader;
use crate::schema::valid_name;

pub use super::damage::Damage;

/// The format that [`encode`] writes.
pub const FORMAT: u8 = 1;

/// Appends the value's bytes to `out`.
pub fn encode(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Session(session) => encode_session(session, out),
        Value::Alias(alias) => append(&Encoded::alias::<SAVED>(alias), out),
    }
}

/// Appends a session's bytes to `out`.
pub fn encode_session(session: &Session<'_>, out: &mut Vec<u8>) {
    append(&Encoded::session::<SAVED>(session), out);
}

fn append(encoded: &Encoded<'_>, out: &mut Vec<u8>) {
    let parts = encoded.parts();
    out.reserve(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(FORMAT);
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Reads a value from its saved bytes.
///
/// The data is checked to be UTF-8, not JSON. A caller that does not trust the bytes (RESTORE) checks
/// that too.
///
/// # Errors
/// Bytes that no version of [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Value<'_>, Damage> {
    let mut reader = Reader::new(bytes);
    match reader.byte()? {
        FORMAT => {}
        other => return Err(Damage::UnknownFormat(other)),
    }
    let present = reader.byte()?;
    let value = if present == ALIAS {
        Value::Alias(Alias {
            until: fields::time::<SAVED>(&mut reader, 0)?,
            successor: reader.string()?,
        })
    } else {
        let mut session = decode_fields::<SAVED>(&mut reader, present)?;
        session.data = text(reader.string()?)?;
        Value::Session(session)
    };
    if reader.is_at_end() {
        Ok(value)
    } else {
        Err(Damage::TrailingBytes)
    }
}

/// Reads a session that is new under its key, and was last accessed when it was created. `fields` is what
/// its block holds before the data. The data is checked to be UTF-8, not JSON.
///
/// # Errors
/// Bytes that no block holds there.
pub fn decode_new<'a>(fields: &'a [u8], data: &'a [u8]) -> Result<Session<'a>, Damage> {
    let mut reader = Reader::new(fields);
    let present = reader.byte()?;
    let mut session = decode_fields::<IN_MEMORY>(&mut reader, present)?;
    if !reader.is_at_end() {
        return Err(Damage::TrailingBytes);
    }
    let Numbers {
        created,
        issued,
        authenticated,
        timeouts,
        ..
    } = session.numbers;
    // Differences can lead before 1970 or overflow, where the numbers of the saved form cannot.
    let optional = [authenticated, timeouts.deadline, timeouts.idle];
    let least = optional.into_iter().flatten().chain([issued]).min();
    if least.min(Some(created)) < Some(0) {
        return Err(Damage::BadNumber);
    }
    session.numbers.accessed = created;
    session.data = text(data)?;
    Ok(session)
}

/// Reads the fields before the data.
fn decode_fields<'a, const FORM: bool>(
    reader: &mut Reader<'a>,
    present: u8,
) -> Result<Session<'a>, Damage> {
    if present & !KNOWN != 0 {
        return Err(Damage::BadNumber);
    }
    let numbers = Numbers::read::<FORM>(reader, present, 0)?;
    if !(1..=MAX_VERSION).contains(&numbers.version) || numbers.timeouts.idle == Some(0) {
        return Err(Damage::BadNumber);
    }
    let schema = fields::name(reader, present, SCHEMA)?
        .map(|name| valid_name(name).map_err(|_| Damage::BadName))
        .transpose()?;
    let user = fields::name(reader, present, USER)?
        .map(|name| user_name::valid(name).ok_or(Damage::BadName))
        .transpose()?;
    Ok(Session {
        data: b"",
        numbers,
        schema,
        user,
        satisfied: 0,
    })
}

/// Checks that data is UTF-8.
fn text(data: &[u8]) -> Result<&[u8], Damage> {
    match simdutf8::basic::from_utf8(data) {
        Ok(_) => Ok(data),
        Err(_) => Err(Damage::BadData),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leb128::{put_number, put_string};
    use crate::session::packed::Packed;
    use crate::session::samples::any_value;
    use crate::session::timeouts::Timeouts;
    use proptest::prelude::*;

    fn encoded(value: &Value<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(value, &mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn every_session_comes_back_as_it_was(session in any_value()) {
            let bytes = encoded(&session);
            let back = decode(&bytes).unwrap();
            prop_assert_eq!(format!("{session:?}"), format!("{back:?}"));
        }

        #[test]
        fn every_new_session_comes_back_from_its_fields_and_its_data(value in any_value()) {
            let Value::Session(mut session) = value else {
                return Ok(());
            };
            session.numbers.accessed = session.numbers.created;
            let value = Value::Session(session);
            let packed = Packed::of(&value);
            let bytes = packed.parts().concat();
            let fields = &bytes[..bytes.len() - session.data.len()];
            let back = decode_new(fields, session.data).unwrap();
            session.satisfied = 0;
            prop_assert_eq!(format!("{session:?}"), format!("{back:?}"));
            for len in 0..fields.len() {
                prop_assert!(decode_new(&fields[..len], session.data).is_err());
            }
        }

        #[test]
        fn fields_of_random_bytes_are_refused_or_make_a_whole_session(
            fields in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            if let Ok(session) = decode_new(&fields, b"{}") {
                prop_assert!(decode(&encoded(&Value::Session(session))).is_ok());
            }
        }

        #[test]
        fn every_shorter_and_longer_text_is_refused(session in any_value()) {
            let mut bytes = encoded(&session);
            for len in 0..bytes.len() {
                prop_assert!(decode(&bytes[..len]).is_err());
            }
            bytes.push(0);
            prop_assert_eq!(decode(&bytes).unwrap_err(), Damage::TrailingBytes);
        }

        #[test]
        fn damage_is_refused_or_makes_a_whole_session(
            session in any_value(),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut bytes = encoded(&session);
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
}
