//! Bytes <-> [`Value`]: what stands in RDB files, DUMP payloads and replicated writes.
//!
//! ```text
//! format   1 byte, 1
//! present  1 byte: bit 0 deadline, 1 idle, 2 authenticated, 3 schema, 4 user; 7 alias
//! numbers  LEB128: version, created, issued, accessed, [authenticated], [deadline], [idle]
//! strings  LEB128 length, bytes: [schema], [user], data
//! ```
//!
//! An alias has bit 7 and no other, and behind it `until` (LEB128) and the successor's key (LEB128
//! length, bytes).
//!
//! A decoder for each older format stays here for good: a module that is upgraded must read what
//! the one before it wrote.

use super::number::{put_bytes, put_number, Head, Reader};
use super::{Alias, Session, Timeouts, Value, MAX_VERSION};

/// The format that [`encode`] writes.
pub const FORMAT: u8 = 1;

const DEADLINE: u8 = 1;
const IDLE: u8 = 1 << 1;
const AUTHENTICATED: u8 = 1 << 2;
const SCHEMA: u8 = 1 << 3;
const USER: u8 = 1 << 4;
const ALIAS: u8 = 1 << 7;
/// Two bytes, and seven numbers of at most ten.
const HEAD: usize = 72;
const KNOWN: u8 = DEADLINE | IDLE | AUTHENTICATED | SCHEMA | USER;

/// Why bytes are not a session. Damaged, or written by a newer module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The format's number is not one that this module knows.
    UnknownFormat(u8),
    /// The bytes end too early.
    Truncated,
    /// Something stands behind the end.
    TrailingBytes,
    /// A number that is no number, or out of its range.
    BadNumber,
    /// A name that is empty, over 255 bytes, or not UTF-8.
    BadName,
    /// Data that is not UTF-8, and so no JSON.
    BadData,
}

/// Appends the value's bytes to `out`.
pub fn encode(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Session(session) => encode_session(session, out),
        Value::Alias(alias) => encode_alias(alias, out),
    }
}

/// Appends an alias's bytes to `out`.
pub fn encode_alias(alias: &Alias<'_>, out: &mut Vec<u8>) {
    out.extend([FORMAT, ALIAS]);
    put_number(alias.until.cast_unsigned(), out);
    put_bytes(alias.successor, out);
}

/// Appends a session's bytes to `out`.
pub fn encode_session(session: &Session<'_>, out: &mut Vec<u8>) {
    let flag = |present: bool, bit: u8| if present { bit } else { 0 };
    let Timeouts { deadline, idle } = session.timeouts;
    let mut head = Head::<HEAD>::new();
    head.push(FORMAT);
    head.push(
        flag(deadline.is_some(), DEADLINE)
            | flag(idle.is_some(), IDLE)
            | flag(session.authenticated.is_some(), AUTHENTICATED)
            | flag(session.schema.is_some(), SCHEMA)
            | flag(session.user.is_some(), USER),
    );
    head.number(session.version);
    head.number(session.created.cast_unsigned());
    head.number(session.issued.cast_unsigned());
    head.number(session.accessed.cast_unsigned());
    for time in [session.authenticated, deadline, idle] {
        head.optional(time);
    }
    out.reserve(HEAD + session.data.len());
    out.extend_from_slice(head.bytes());
    for name in [session.schema, session.user].into_iter().flatten() {
        put_bytes(name.as_bytes(), out);
    }
    put_bytes(session.data, out);
}

/// Reads a value back. That the data is strict JSON is for the caller to check, where the bytes come
/// from somebody who may have made them up.
pub fn decode(bytes: &[u8]) -> Result<Value<'_>, Damage> {
    let mut reader = Reader(bytes);
    match reader.byte()? {
        FORMAT => {}
        other => return Err(Damage::UnknownFormat(other)),
    }
    let present = reader.byte()?;
    let value = if present == ALIAS {
        Value::Alias(Alias {
            until: reader.time()?,
            successor: reader.bytes()?,
        })
    } else {
        Value::Session(decode_session(&mut reader, present)?)
    };
    if reader.0.is_empty() {
        Ok(value)
    } else {
        Err(Damage::TrailingBytes)
    }
}

fn decode_session<'a>(reader: &mut Reader<'a>, present: u8) -> Result<Session<'a>, Damage> {
    if present & !KNOWN != 0 {
        return Err(Damage::BadNumber);
    }
    let has = |bit: u8| present & bit != 0;
    let version = reader.number()?;
    let (created, issued, accessed) = (reader.time()?, reader.time()?, reader.time()?);
    let authenticated = reader.optional(has(AUTHENTICATED))?;
    let timeouts = Timeouts {
        deadline: reader.optional(has(DEADLINE))?,
        idle: reader.optional(has(IDLE))?,
    };
    if !(1..=MAX_VERSION).contains(&version) || timeouts.idle == Some(0) {
        return Err(Damage::BadNumber);
    }
    let schema = has(SCHEMA).then(|| reader.name()).transpose()?;
    let user = has(USER).then(|| reader.name()).transpose()?;
    let data = reader.bytes()?;
    if simdutf8::basic::from_utf8(data).is_err() {
        return Err(Damage::BadData);
    }
    Ok(Session {
        data,
        version,
        created,
        issued,
        accessed,
        authenticated,
        timeouts,
        schema,
        user,
        satisfied: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::samples::any_value;
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
    fn the_format_is_what_is_written_down() {
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
    fn names_must_be_utf_8_of_1_to_255_bytes() {
        for name in [&[][..], &[0xff], &[b'a'; 256]] {
            let mut bytes = vec![1, SCHEMA, 1, 0, 0, 0];
            put_bytes(name, &mut bytes);
            put_bytes(b"{}", &mut bytes);
            assert_eq!(decode(&bytes).unwrap_err(), Damage::BadName);
        }
    }
}
